"""Which tests hold a file of the source to what it should do, in the order they are tried."""

# Besides those of its own target: what starts the program, or is asked through what is built on
# the room. A name of a target, or of a story in EndToEndTests/python.
FURTHER = {
    "Sources/ChaosProxy/Registry": ("ControlAPITests",),
    "Sources/flagserver/Charfinder": ("9y_charfinder",),
    "Sources/flagserver/Client": ("9d_a_client_for_the_daemon",),
    "Sources/flagserver/Commands": ("60_command_line", "90_faults_on_the_command_line"),
    "Sources/flagserver/Configuration": ("94_config_file",),
    "Sources/flagserver/Conformance": ("9l_conformance",),
    "Sources/flagserver/FaultServer": ("9k_the_fault_server",),
    "Sources/flagserver/Fixtures": ("62_fixtures_of_the_users_own",),
    "Sources/flagserver/Get": ("9m_flagget",),
    "Sources/flagserver/Manual": ("9c_manual_completions_install",),
    "Sources/flagserver/NameServer": ("9u_names",),
    "Sources/flagserver/Options": ("60_command_line",),
    "Sources/flagserver/Peers": ("81_toxiproxy_command_line", "85_vaurien"),
    "Sources/flagserver/Running": ("95_run", "9d_run_tells_why"),
    "Sources/flagserver/Serving": ("61_start_and_stop", "97_readiness", "9e_what_people_see"),
    "Sources/flagserver/Sweep": ("9n_sweep",),
    "Sources/flagserver/Worlds": ("9g_worlds",),
}


def target_of(path):
    return path.split("/")[1]


def tests_of(path):
    """Their names."""
    target = target_of(path)
    own = "FlagServerTests" if target == "flagserver" else f"{target}Tests"
    room = "/".join(path.split("/")[:3])
    return (own, *FURTHER.get(room, ()))


def is_story(name):
    return not name.endswith("Tests")
