"""ERROR with a seed: `draw` foretells every fate, whatever the client and however many at once."""
from collections import Counter

from clients import NAMES, fetch_all
from harness import CODES, Server, case, check, draw, equal, gif, main

SEED = 4711
FIRST_100 = [gif(code) for code in CODES[:100]]
# Not the default half second: fifty of them in a row would be a long wait for nothing.
OPTIONS = ("--seed", SEED, "--delay", "0.02")


def sweep(server, client, tasks, targets=FIRST_100):
    urls = {server.url("error", target): target for target in targets}
    replies = fetch_all(client, urls, tasks)
    return {urls[url]: reply for url, reply in replies.items()}


def check_fates(replies, fates, what):
    """Each reply is the one foretold, and no sooner than foretold."""
    for target, attempt, status, delay in fates:
        reply = replies[target]
        equal(reply.status, status, f"{what}: status of {target}, attempt {attempt}")
        check(
            reply.seconds >= delay,
            f"{what}: {target} took {reply.seconds} s and should have had a delay of {delay} s")


def check_share(fates):
    """Outside of these bounds `draw` itself would be wrong (p < 1e-9 for a fair coin)."""
    errors = sum(status != 200 for _, _, status, _ in fates)
    delayed = sum(delay > 0 for _, _, _, delay in fates)
    check(5 <= errors <= 55, f"{errors} errors of 100 at a rate of 25 %")
    check(20 <= delayed <= 80, f"{delayed} delays of 100 at a rate of 50 %")


def same_fates(client):
    fates = draw("error", *OPTIONS, "-n", 100)
    equal([fate[0] for fate in fates], FIRST_100, "the targets of draw")
    check_share(fates)
    for tasks in (1, 5, 100, 100):  # the last twice: the same ones twice with one seed
        with Server("-q", *OPTIONS) as server:
            equal(server.seed, SEED, "seed in the ready file")
            check_fates(sweep(server, client, tasks), fates, f"{client} at {tasks}")


for name in NAMES:
    case(f"{name} meets what draw foretells, at 1, 5 and 100 tasks, and again")(
        lambda name=name: same_fates(name))


def second_attempts(client):
    targets = FIRST_100[:6] + ["/flags/zz/zz.gif", "/flags/br/br.gif?a=b"]
    fates = {target: draw("error", *OPTIONS, "--target", target, "-n", 3) for target in targets}
    with Server("-q", *OPTIONS) as server:
        for attempt in range(3):
            replies = sweep(server, client, tasks=8, targets=targets)
            for target in targets:
                _, number, status, delay = fates[target][attempt]
                found = replies[target].status
                wanted = 404 if status == 200 and "zz" in target else status
                equal((number, found), (attempt + 1, wanted), f"attempt and status of {target}")
                check(replies[target].seconds >= delay, f"{target} came before its delay")


for name in NAMES:
    case(f"{name}'s second and third attempts have fates of their own, 404s and queries too")(
        lambda name=name: second_attempts(name))


def exact(client):
    for tasks in (1, 100):
        with Server("-q", "--error-mode", "exact", "--delay", "0", "--seed", SEED) as server:
            statuses = Counter(reply.status for reply in sweep(server, client, tasks).values())
            equal(statuses[200], 75, f"{client} at {tasks}: flags that came ({statuses})")
            equal(statuses[418] + statuses[503], 25, f"errors ({statuses})")


for name in NAMES:
    case(f"--error-mode exact gives {name} exactly 25 errors in 100, at 1 and at 100 tasks")(
        lambda name=name: exact(name))


@case("--error-mode exact deals five errors to every twenty, in the order that draw shows")
def exact_order():
    options = ("--error-mode", "exact", "--delay", "0", "--seed", SEED)
    fates = draw("error", *options, "-n", 100)
    with Server("-q", *options) as server:
        replies = sweep(server, "httpx", tasks=1)
        found = [replies[target].status for target in FIRST_100]
    # The kind of error belongs to the target, the decision to the number: only that is compared.
    wanted = [status != 200 for _, _, status, _ in fates]
    equal([status != 200 for status in found], wanted, "which exchanges were hit")
    for deck in range(5):
        equal(sum(wanted[deck * 20:deck * 20 + 20]), 5, f"errors in deck {deck}")


@case("two seeds, two fates; one seed, one fate; and rates 0 and 1 are never and always")
def seeds():
    def statuses(*options):
        return [fate[2] for fate in draw("error", *options, "-n", 194)]
    check(statuses("--seed", 1) != statuses("--seed", 2), "seeds 1 and 2 draw the same")
    equal(statuses("--seed", 1), statuses("--seed", 1), "seed 1 drawn again")
    equal(set(statuses("--seed", 1, "--error-rate", 0)), {200}, "rate 0")
    equal(set(statuses("--seed", 1, "--error-rate", "100%")), {418, 503}, "rate 100 %")
    # One toxic's rate must not change the other's fate.
    delays = [[fate[3] for fate in draw("error", "--seed", 1, "--error-rate", rate, "-n", 194)]
              for rate in (0, 0.25, 1)]
    check(delays[0] == delays[1] == delays[2], "the error rate changes who is delayed")


main()
