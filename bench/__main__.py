"""Run the benches: `python -m bench [NAME …] [--phones N] [--rounds R]`."""

import argparse

from bench import (
    connect_storm,
    fan_out,
    full_hall,
    question_burst,
    restart_wave,
    slow_disk,
    storm_growth,
    support_storm,
)

BENCHES = {
    "fan_out": fan_out.bench,
    "support_storm": support_storm.bench,
    "storm_growth": storm_growth.bench,
    "connect_storm": connect_storm.bench,
    "restart_wave": restart_wave.bench,
    "full_hall": full_hall.bench,
    "question_burst": question_burst.bench,
    "slow_disk": slow_disk.bench,
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    asked.add_argument("--phones", type=int, default=200)
    asked.add_argument("--rounds", type=int, default=5)
    wanted = asked.parse_args()
    for name in wanted.names or BENCHES:
        if name == "slow_disk" and not slow_disk.can_run():
            print("\nslow_disk: a C compiler is missing, this bench was left out")
        else:
            BENCHES[name]().run(wanted.phones, wanted.rounds)


if __name__ == "__main__":
    main()
