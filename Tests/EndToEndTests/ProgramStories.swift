import Testing

/// The real binary, asked by the clients that people use. Each test runs one story of `python/`;
/// what it needs and this machine has not (curl, httpx, …) skips it by name.
///
/// Those about the program: its command line, its start and end, the ports that it has unless it is
/// told otherwise. Serialized, because these are the machine's; the others go on meanwhile.
@Suite(.serialized) struct ProgramStories {
    @Test func `a story notices what it leaves behind`() async throws {
        try await Story("09_what_is_left_is_noticed").tell()
    }

    @Test func `the command line explains every mistake`() async throws {
        try await Story("60_command_line").tell()
    }

    @Test func `the process starts, drains, restarts, and survives broken streams`() async throws {
        try await Story("61_start_and_stop").tell()
    }

    @Test func `the program alone serves the flags that are in it`() async throws {
        try await Story("63_the_program_alone").tell()
    }

    @Test func `a port that may not be bound is refused with its reason`() async throws {
        try await Story("65_privileged_port").tell()
    }

    @Test func `any directory is served, and proxies run without flag servers`() async throws {
        try await Story("66_without_flags").tell()
    }

    @Test func `the log goes to a file, the ring and the patience are as asked for`() async throws {
        try await Story("67_log_file_ring_patience").tell()
    }

    @Test func `the configuration file is done as written, and read again while it runs`()
        async throws
    {
        try await Story("94_config_file").tell()
    }

    @Test func `what is shown can be written back, and nothing is ignored in silence`() async throws
    {
        try await Story("9c_one_vocabulary").tell()
    }

    @Test func `a run has the book's ports and a time limit, and tells why it failed`() async throws
    {
        try await Story("9d_run_tells_why").tell()
    }

    @Test func `what people see fits their terminal, and tells the truth`() async throws {
        try await Story("9e_what_people_see").tell()
    }

    @Test func `a command runs with the servers, and they end with it`() async throws {
        try await Story("95_run").tell()
    }

    @Test func `who waits for the servers hears when they are ready, reload and stop`() async throws
    {
        try await Story("97_readiness").tell()
    }

    @Test func `what README and docs show does what they say`() async throws {
        try await Story("98_recipes").tell()
    }

    @Test func `manual and completions know all that can be typed, and are installed`() async throws
    {
        try await Story("9c_manual_completions_install").tell()
    }

    @Test func `each test has a world of its own`() async throws {
        try await Story("9g_worlds").tell()
    }

    @Test func `FAULT does what each URL says`() async throws {
        try await Story("9k_the_fault_server").tell()
    }

    @Test func `the running daemon has a client, under the name toxiproxy-cli too`() async throws {
        try await Story("9d_a_client_for_the_daemon").tell()
    }

    @Test func `Toxiproxy's command line, file and name start Toxiproxy`() async throws {
        try await Story("81_toxiproxy_command_line").tell()
    }

    @Test func `calls that fail for good have a word, and nothing pretends to be ready`()
        async throws
    {
        try await Story("8a_calls_that_fail").tell()
    }

    @Test func `whatever call fails, at any time, is survived or told`() async throws {
        try await Story("8b_torture").tell()
    }

    @Test func `Vaurien's command line, behaviours and API are Vaurien's`() async throws {
        try await Story("85_vaurien").tell()
    }

    @Test func `faults on the command line work as printed`() async throws {
        try await Story("90_faults_on_the_command_line").tell()
    }

    @Test func `flagget does what the book's downloaders do, and tells the truth`() async throws {
        try await Story("9m_flagget").tell()
    }
}
