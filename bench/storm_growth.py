"""The same storm of supports with ten times the phones: does the work grow faster than the hall?"""

from bench import contestants
from bench.measuring import Bench, Ratio
from bench.support_storm import measure

TIMES = 10


def bench() -> Bench:
    return Bench(
        "storm_growth",
        f"a storm of supports, and one with {TIMES} times the phones",
        measure,
        {"ours": contestants.ours, "ten times": contestants.ours},
        (Ratio("CPU, s", "ours", 10.0, of="ten times"),),
        times={"ours": 0.5, "ten times": 0.5 * TIMES},
    )
