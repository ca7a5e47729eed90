import Testing

/// The real binary, asked by the clients that people use. Each test runs one story of `python/`;
/// what it needs and this machine has not (curl, httpx, …) skips it by name.
///
/// Those about clients, others' and our own, on free ports. Serialized, because the machine may
/// have two cores.
@Suite(.serialized) struct ClientStories {
    @Test func `Toxiproxy's clients find Toxiproxy`() async throws {
        try await Story("80_toxiproxy_clients").tell()
    }

    @Test func `the Chaos Toolkit's actions work unmodified`() async throws {
        try await Story("82_chaostoolkit").tell()
    }

    @Test func `databases, caches and mail pass, and their errors are their own`() async throws {
        try await Story("87_databases_caches_and_mail").tell()
    }

    @Test func `HTTP clients report what the journal says, while toxics change`() async throws {
        try await Story("9a_http_clients_and_the_journal_agree").tell()
    }

    @Test func `other clients report what the journal says, while toxics change`() async throws {
        try await Story("9b_other_clients_and_the_journal_agree").tell()
    }

    @Test func `a client's one mistake is caught by name, and a good client is not`() async throws {
        try await Story("9l_conformance").tell()
    }

    @Test func `a sweep finds what is known to be best`() async throws {
        try await Story("9n_sweep").tell()
    }

    @Test func `the page shows and changes what happens, in a real browser`() async throws {
        try await Story("9p_the_page").tell()
    }

    @Test func `what a record says is asked again, and told as it came`() async throws {
        try await Story("9q_replay").tell()
    }

    @Test func `the page is of use beside tests, and survives what they do`() async throws {
        try await Story("9r_the_page_in_use").tell()
    }
}
