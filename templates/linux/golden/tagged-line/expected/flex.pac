// Linjevakt: plain names and Helsenettet go direct, the rest by Helsenettet's proxies; nothing goes straight out.
// No name is looked up here: only a host written as an address is compared with networks.
var PROXY = "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128";
var NETWORKS = [
    ["10.0.0.0", "255.0.0.0"]
];
var RULES = [
    ["suffix", "nhn.no", "DIRECT"]
];

function FindProxyForURL(url, host) {
    host = host.toLowerCase().replace(/\.$/, "");
    if (/^[0-9]+(\.[0-9]+){3}$/.test(host)) {
        return isInside(host) ? "DIRECT" : PROXY;
    }
    if (isPlainHostName(host) && !/^[0-9]|:/.test(host)) {
        return "DIRECT";
    }
    for (var i = 0; i < RULES.length; i++) {
        if (matches(host, RULES[i][0], RULES[i][1])) {
            return RULES[i][2];
        }
    }
    return PROXY;
}

function isInside(address) {
    for (var i = 0; i < NETWORKS.length; i++) {
        if (isInNet(address, NETWORKS[i][0], NETWORKS[i][1])) {
            return true;
        }
    }
    return false;
}

function matches(host, match, value) {
    if (host === value) {
        return true;
    }
    return match === "suffix" && host.slice(-value.length - 1) === "." + value;
}
