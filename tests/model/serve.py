"""Serves a GGUF model as an OpenAI-compatible endpoint on this machine's processor: serve.py MODEL.gguf [PORT]. Needs the package xllamacpp."""

import os
import signal
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[2]) if len(sys.argv) > 2 else 8140
params.n_ctx = 4096
params.n_parallel = 1
params.ui = False
params.verbosity = 1
params.model_alias = {"test"}
# One thread without spinning: two that spin on a busy machine are a hundred times slower.
for cores in (params.cpuparams, params.cpuparams_batch):
    cores.n_threads = 1
    cores.poll = 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
os._exit(0)
