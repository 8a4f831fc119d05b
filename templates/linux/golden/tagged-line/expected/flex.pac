// Linjevakt: plain names, this computer itself and Helsenettet go direct, the rest by Helsenettet's proxies;
// nothing goes straight out.
// No name is looked up here: only a host written as an address is compared with networks.
var PROXY = "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128";
var NETWORKS = [
    ["127.0.0.0", "255.0.0.0"],
    ["10.0.0.0", "255.0.0.0"]
];
var RULES = [
    ["suffix", "nhn.no", "DIRECT"]
];

function FindProxyForURL(url, host) {
    host = host.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
    if (/:|(^|\.)([0-9]+|0x[0-9a-f]*)$/.test(host)) {
        return isInside(/:/.test(host) ? fromIPv6(host) : fromIPv4(host)) ? "DIRECT" : PROXY;
    }
    if (/^[a-z0-9_-]+$|(^|\.)localhost$/.test(host)) {
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
    for (var i = 0; address && i < NETWORKS.length; i++) {
        if (isInNet(address, NETWORKS[i][0], NETWORKS[i][1])) {
            return true;
        }
    }
    return false;
}

// An address as four decimal numbers, however it is written: as one to four numbers, decimal, octal or hexadecimal
// (https://url.spec.whatwg.org/#concept-ipv4-parser). Empty when it is none: its last part is a number all the same.
function fromIPv4(host) {
    var parts = host.split("."), last = parts.length - 1, value = 0;
    for (var i = 0; i <= last; i++) {
        var part = number(parts[i]), end = i < last ? 256 : Math.pow(256, 4 - last);
        if (last > 3 || !(part < end)) {
            return "";
        }
        value += i < last ? part * Math.pow(256, 3 - i) : part;
    }
    return dotted(value);
}

function number(text) {
    if (/^0x[0-9a-f]*$/.test(text)) {
        return text === "0x" ? 0 : parseInt(text.slice(2), 16);
    }
    return /^(0[0-7]*|[1-9][0-9]*)$/.test(text) ? parseInt(text, text.charAt(0) === "0" ? 8 : 10) : NaN;
}

function dotted(value) {
    var octets = [];
    for (var place = 3; place >= 0; place--) {
        octets.push(Math.floor(value / Math.pow(256, place)) % 256);
    }
    return octets.join(".");
}

// The IPv4 address that an IPv6 address stands for: ::1 for this computer, ::ffff:0:0/96 for any. Empty for the others.
function fromIPv6(host) {
    var halves = host.replace(/%.*$/, "").replace(/[0-9]+(\.[0-9]+){3}$/, hexadecimal).split("::");
    var groups = grouped(halves[0]), rest = grouped(halves[1]);
    while (halves.length === 2 && groups.length + rest.length < 8) {
        groups.push("0");
    }
    var text = groups.concat(rest).join(":").replace(/(^|:)0+(?=[0-9a-f])/g, "$1");
    var mapped = /^(0:){5}ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text);
    if (mapped) {
        return dotted(parseInt(mapped[2], 16) * 65536 + parseInt(mapped[3], 16));
    }
    return text === "0:0:0:0:0:0:0:1" ? "127.0.0.1" : "";
}

function hexadecimal(address) {
    var part = fromIPv4(address).split(".");
    return (part[0] * 256 + +part[1]).toString(16) + ":" + (part[2] * 256 + +part[3]).toString(16);
}

function grouped(half) {
    return half ? half.split(":") : [];
}

function matches(host, match, value) {
    if (host === value) {
        return true;
    }
    return match === "suffix" && host.slice(-value.length - 1) === "." + value;
}
