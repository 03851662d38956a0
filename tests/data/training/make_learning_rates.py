"""Golden learning rates from PyTorch's own schedulers (needs torch): writes learning_rates.json beside this file.

Each entry: the plan in crisp's words, and the rate at ticks 0, 1, 2, ...; "metrics" are what plateau is told after each tick.
"""
import json
import math
import pathlib

import torch
from torch.optim import lr_scheduler as schedules

TICKS = 120


def rates(make, rate, metrics=None):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    schedule = make(optimiser)
    seen = []
    for tick in range(TICKS):
        seen.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step(*([metrics[tick]] if metrics else []))
    return seen


def warmed(make, warmup, start):
    def both(optimiser):
        rise = schedules.LinearLR(optimiser, start_factor=start, total_iters=warmup)
        return schedules.SequentialLR(optimiser, [rise, make(optimiser)], milestones=[warmup])
    return both


def main():
    step = lambda o: schedules.StepLR(o, 7, gamma=0.6)
    cosine = lambda o: schedules.CosineAnnealingLR(o, 40, eta_min=1e-5)
    metrics = [round(math.exp(-t / 12) + (0.03 if t % 5 else 0) + (0.2 if 60 < t < 75 else 0), 6) for t in range(TICKS)]
    cases = [
        ({"schedule": "constant", "rate": 0.1}, lambda o: schedules.ConstantLR(o, factor=1.0, total_iters=0), None),
        ({"schedule": "step", "rate": 0.1, "every": 7, "gamma": 0.6}, step, None),
        ({"schedule": "multi_step", "rate": 0.1, "milestones": [3, 30, 31, 90], "gamma": 0.25},
         lambda o: schedules.MultiStepLR(o, [3, 30, 31, 90], gamma=0.25), None),
        ({"schedule": "exponential", "rate": 0.1, "gamma": 0.97}, lambda o: schedules.ExponentialLR(o, 0.97), None),
        ({"schedule": "cosine", "rate": 0.01, "period": 40, "lowest": 1e-5}, cosine, None),
        ({"schedule": "cosine_restarts", "rate": 0.01, "period": 11, "lowest": 1e-4},
         lambda o: schedules.CosineAnnealingWarmRestarts(o, 11, eta_min=1e-4), None),
        ({"schedule": "cosine_restarts", "rate": 0.01, "period": 7, "period_factor": 2},
         lambda o: schedules.CosineAnnealingWarmRestarts(o, 7, T_mult=2), None),
        ({"schedule": "plateau", "rate": 0.1, "factor": 0.5, "patience": 3, "cooldown": 2, "lowest": 1e-3},
         lambda o: schedules.ReduceLROnPlateau(o, factor=0.5, patience=3, cooldown=2, min_lr=1e-3), metrics),
        ({"schedule": "plateau", "rate": 0.1, "factor": 0.1, "patience": 0, "threshold": 0.02, "maximise": True},
         lambda o: schedules.ReduceLROnPlateau(o, mode="max", factor=0.1, patience=0, threshold=0.02), [1 - m for m in metrics]),
        ({"schedule": "one_cycle", "rate": 0.05, "period": TICKS + 1},
         lambda o: schedules.OneCycleLR(o, 0.05, total_steps=TICKS + 1, cycle_momentum=False), None),
        ({"schedule": "one_cycle", "rate": 0.05, "period": 150, "warm_share": 0.1, "start_divisor": 10, "end_divisor": 100},
         lambda o: schedules.OneCycleLR(o, 0.05, total_steps=150, pct_start=0.1, div_factor=10, final_div_factor=100,
                                        cycle_momentum=False), None),
        ({"schedule": "step", "rate": 0.1, "every": 7, "gamma": 0.6, "warmup": 10, "warmup_start": 0.1},
         warmed(step, 10, 0.1), None),
        ({"schedule": "cosine", "rate": 0.01, "period": 40, "lowest": 1e-5, "warmup": 1, "warmup_start": 0.5},
         warmed(cosine, 1, 0.5), None),
    ]
    entries = []
    for plan, make, told in cases:
        entry = {"plan": plan, "rates": rates(make, plan["rate"], told)}
        if told:
            entry["metrics"] = told
        entries.append(entry)
    path = pathlib.Path(__file__).with_name("learning_rates.json")
    path.write_text(json.dumps({"torch": torch.__version__.split("+")[0], "entries": entries}, indent=0) + "\n")


if __name__ == "__main__":
    main()
