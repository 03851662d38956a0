"""How well forecasts do on series with a known future: lstm and gru with their defaults beside ridge, mlp, the season before and the
newest value, all judged on the same latest fifth, from every row of it.

    peers-cache/venv/bin/python perf/quality/forecast.py build/perf/crisp DATA_FOLDER [--models lstm,gru,ridge]
"""
import argparse, json, pathlib, subprocess, tempfile, time

SERIES = [("reg_beijing_pm25.csv", "pm2.5", ["--time", "No", "--season", "24", "--horizon", "24"]),
          ("nab_nyc_taxi.csv", "value", ["--horizon", "48", "--features", "value", "timestamp"])]


def train(program, data, target, flags, model, folder):
    begin = time.monotonic()
    done = subprocess.run([program, "train", data, "--target", target, "--task", "forecast", *flags, "--model", model, "-o", f"{folder}/{model}",
                           "--json", "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout), time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--models", default="lstm,gru,ridge,mlp")
    parser.add_argument("--lookback", default="")
    options = parser.parse_args()
    for name, target, flags in SERIES:
        print(f"{name}: {target} ({' '.join(flags)})")
        print(f"  {'':16}{'MAE':>10}{'RMSE':>10}{'RMSE 1':>10}{'RMSE last':>10}{'seconds':>9}")
        if options.lookback:
            flags = [*flags, "--lookback", options.lookback]

        def line(title, overall, steps, seconds=""):
            print(f"  {title:16}{overall['mae']:10.2f}{overall['rmse']:10.2f}{steps[0]['rmse']:10.2f}{steps[-1]['rmse']:10.2f}{seconds:>9}", flush=True)

        with tempfile.TemporaryDirectory() as folder:
            told = False
            for model in options.models.split(","):
                document, seconds = train(options.program, options.data / name, target, flags, model, folder)
                forecast = document["forecast"]
                if not told:
                    for title, baseline in (("a season ago", "seasonal"), ("newest value", "last")):
                        line(title, forecast["baselines"][baseline], forecast["baselines"][baseline]["by_step"])
                    told = True
                line(model, document["metrics"], forecast["by_step"], f"{seconds:.0f}")


if __name__ == "__main__":
    main()
