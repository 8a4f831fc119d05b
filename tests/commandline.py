"""The product's command line for a test to call, built once: to build it takes longer than most commands run."""

from functools import cache

from linjevakt import main

application = cache(main.application)
