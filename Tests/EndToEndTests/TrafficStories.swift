import Testing

/// The real binary, asked by the clients that people use. Each test runs one story of `python/`;
/// what it needs and this machine has not (curl, httpx, …) skips it by name.
///
/// Those about what goes over the wire, on free ports. Serialized, because the machine may have two
/// cores.
@Suite(.serialized) struct TrafficStories {
    @Test func `the flags are the files, byte for byte, for every client`() async throws {
        try await Story("10_the_flags_are_the_files").tell()
    }

    @Test func `of all two-letter codes 194 are found`() async throws {
        try await Story("20_every_two_letter_code").tell()
    }

    @Test func `errors are the ones that draw foretells, at any concurrency`() async throws {
        try await Story("30_errors_are_the_ones_drawn").tell()
    }

    @Test func `injected errors are good HTTP and keep the connection usable`() async throws {
        try await Story("31_error_answers").tell()
    }

    @Test func `no answer of DELAY comes before its time`() async throws {
        try await Story("40_delays_are_kept").tell()
    }

    @Test func `where a request begins and ends is never a guess`() async throws {
        try await Story("50_framing_is_never_a_guess").tell()
    }

    @Test func `methods, paths, ranges and conditions get exact answers`() async throws {
        try await Story("51_resources_answer_exactly").tell()
    }

    @Test func `connections persist, take requests in pieces, and end cleanly`() async throws {
        try await Story("52_connections_persist_and_end").tell()
    }

    @Test func `the user's own fixtures are served and reloaded all or nothing`() async throws {
        try await Story("62_fixtures_of_the_users_own").tell()
    }

    @Test func `the journal says exactly what a downloader says`() async throws {
        try await Story("92_the_journal_is_the_truth").tell()
    }

    @Test func `limits hold, are told from faults, and change while it runs`() async throws {
        try await Story("93_limits").tell()
    }

    @Test func `journal, events, verdicts and metrics tell the same truth`() async throws {
        try await Story("96_events_metrics_verify").tell()
    }

    @Test func `the record equals what the client met`() async throws {
        try await Story("99_the_record_equals_what_the_client_met").tell()
    }

    @Test func `at the door, and as a connection lasts, faults do what they say`() async throws {
        try await Story("9i_at_the_door").tell()
    }

    @Test func `faults have more than Toxiproxy's, shown only when set`() async throws {
        try await Story("9j_new_quantities").tell()
    }

    @Test func `abuse hinders nobody and leaves no trace`() async throws {
        try await Story("70_abuse_leaves_no_trace").tell()
    }

    @Test func `garbage is refused in HTTP`() async throws {
        try await Story("71_garbage_is_refused").tell()
    }

    @Test func `every toxic does what it says, on both streams`() async throws {
        try await Story("83_every_toxic_does_what_it_says").tell()
    }

    @Test func `nothing kills or freezes it`() async throws {
        try await Story("84_nothing_kills_or_freezes_it").tell()
    }

    @Test func `CHAOS and other proxies of HTTP change nothing but what is drawn`() async throws {
        try await Story("86_chaos_before_local").tell()
    }

    @Test func `a gigabyte each way arrives whole, and costs no memory`() async throws {
        try await Story("88_a_gigabyte_each_way").tell()
    }

    @Test func `the control port is safe`() async throws {
        try await Story("89_the_control_port_is_safe").tell()
    }

    @Test func `toxics change on live connections without harm`() async throws {
        try await Story("91_toxics_change_on_live_connections").tell()
    }

    @Test func `under mixed traffic nothing is lost, and nothing is left`() async throws {
        try await Story("8c_mixed_traffic").tell()
    }

    @Test func `names are those of the file, and each fault of a name server is met`() async throws
    {
        try await Story("9u_names").tell()
    }
}
