"""Processes as torchrun starts them: the environment that says who each is."""
import os
import socket
import subprocess

from program_case import CRISP


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(case, commands, **more):
    """Starts commands[rank] as process `rank`, in the case's folder; `more`: variables for all of them."""
    port = free_port()
    runs = []
    for rank, command in enumerate(commands):
        environment = dict(os.environ, RANK=str(rank), WORLD_SIZE=str(len(commands)), LOCAL_RANK=str(rank), LOCAL_WORLD_SIZE=str(len(commands)),
                           MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), **more)
        run = subprocess.Popen([CRISP, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=case.folder, env=environment)
        case.addCleanup(run.kill)
        runs.append(run)
    return runs


def ends_of(runs):
    """Exit code, stdout and stderr of each."""
    ends = []
    for run in runs:
        out, errors = run.communicate(timeout=100)
        ends.append((run.returncode, out.decode(), errors.decode()))
    return ends
