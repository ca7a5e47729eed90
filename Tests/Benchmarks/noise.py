"""How much of the machine others took: the same work (spin.c) on our cores, again and again.

Beside the least time that it ever took on a core, the others tell what that core is worth at the
moment.
"""

BOUND = 1.10      # more than this, in more than one of ten, and the figures are doubtful
SHARE = 0.9


class Noise:
    def __init__(self):
        self.samples = {}   # scenario → (core, microseconds)
        self.least = {}     # core → microseconds

    def add(self, scenario, lines):
        """`lines` as spin writes them."""
        for line in lines:
            core, microseconds = line.split()
            self.samples.setdefault(scenario, []).append((core, float(microseconds)))
            self.least[core] = min(self.least.get(core, float("inf")), float(microseconds))

    def of(self, scenario):
        """How many times as long as the least the work took, in nine of ten; 1 if nobody knows."""
        times = sorted(took / self.least[core] for core, took in self.samples.get(scenario, []))
        return times[min(int(len(times) * SHARE), len(times) - 1)] if times else 1

    def too_noisy(self):
        """The scenarios that were measured while the machine had too much else to do."""
        return [scenario for scenario in self.samples if self.of(scenario) > BOUND]

    def note(self):
        """One sentence, or nothing if all was quiet."""
        noisy = self.too_noisy()
        if not noisy:
            return ""
        worst = max(self.of(scenario) for scenario in noisy)
        return (f"the machine was too noisy in {len(noisy)} of {len(self.samples)} scenarios: the "
                f"same work took up to {worst:.2f} times its least ({BOUND:.2f} is allowed), so "
                f"that times, rates and CPU of these mean little: {', '.join(noisy)}")
