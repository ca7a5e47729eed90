import Foundation
import Testing

/// The real binary, asked by the clients that people use. Each test runs one story of `python/`;
/// what it needs and this machine has not (curl, httpx, …) skips it by name.
///
/// Serialized: stories measure delays and count descriptors, and the machine may have two cores.
@Suite(.serialized) struct EndToEndTests {
    @Test func `a story notices what it leaves behind`() throws {
        try Story("09_what_is_left_is_noticed").tell()
    }

    @Test func `the flags are the files, byte for byte, for every client`() throws {
        try Story("10_the_flags_are_the_files").tell()
    }

    @Test func `of all two-letter codes 194 are found`() throws {
        try Story("20_every_two_letter_code").tell()
    }

    @Test func `errors are the ones that draw foretells, at any concurrency`() throws {
        try Story("30_errors_are_the_ones_drawn").tell()
    }

    @Test func `injected errors are good HTTP and keep the connection usable`() throws {
        try Story("31_error_answers").tell()
    }

    @Test func `no answer of DELAY comes before its time`() throws {
        try Story("40_delays_are_kept").tell()
    }

    @Test func `where a request begins and ends is never a guess`() throws {
        try Story("50_framing_is_never_a_guess").tell()
    }

    @Test func `methods, paths, ranges and conditions get exact answers`() throws {
        try Story("51_resources_answer_exactly").tell()
    }

    @Test func `connections persist, take requests in pieces, and end cleanly`() throws {
        try Story("52_connections_persist_and_end").tell()
    }

    @Test func `the command line explains every mistake`() throws {
        try Story("60_command_line").tell()
    }

    @Test func `the process starts, drains, restarts, and survives broken streams`() throws {
        try Story("61_start_and_stop").tell()
    }

    @Test func `the user's own fixtures are served and reloaded all or nothing`() throws {
        try Story("62_fixtures_of_the_users_own").tell()
    }

    @Test func `the program alone serves the flags that are in it`() throws {
        try Story("63_the_program_alone").tell()
    }

    @Test func `a port that may not be bound is refused with its reason`() throws {
        try Story("65_privileged_port").tell()
    }

    @Test func `any directory is served, and proxies run without flag servers`() throws {
        try Story("66_without_flags").tell()
    }

    @Test func `the log goes to a file, the ring and the patience are as asked for`() throws {
        try Story("67_log_file_ring_patience").tell()
    }

    @Test func `the journal says exactly what a downloader says`() throws {
        try Story("92_the_journal_is_the_truth").tell()
    }

    @Test func `limits hold, are told from faults, and change while it runs`() throws {
        try Story("93_limits").tell()
    }

    @Test func `the configuration file is done as written, and read again while it runs`() throws {
        try Story("94_config_file").tell()
    }

    @Test func `what is shown can be written back, and nothing is ignored in silence`() throws {
        try Story("9c_one_vocabulary").tell()
    }

    @Test func `a run has the book's ports and a time limit, and tells why it failed`() throws {
        try Story("9d_run_tells_why").tell()
    }

    @Test func `what people see fits their terminal, and tells the truth`() throws {
        try Story("9e_what_people_see").tell()
    }

    @Test func `a command runs with the servers, and they end with it`() throws {
        try Story("95_run").tell()
    }

    @Test func `journal, events, verdicts and metrics tell the same truth`() throws {
        try Story("96_events_metrics_verify").tell()
    }

    @Test func `who waits for the servers hears when they are ready, reload and stop`() throws {
        try Story("97_readiness").tell()
    }

    @Test func `what README and docs show does what they say`() throws {
        try Story("98_recipes").tell()
    }

    @Test func `the record equals what the client met`() throws {
        try Story("99_the_record_equals_what_the_client_met").tell()
    }

    @Test func `HTTP clients report what the journal says, while toxics change`() throws {
        try Story("9a_http_clients_and_the_journal_agree").tell()
    }

    @Test func `other clients report what the journal says, while toxics change`() throws {
        try Story("9b_other_clients_and_the_journal_agree").tell()
    }

    @Test func `manual and completions know all that can be typed, and are installed`() throws {
        try Story("9c_manual_completions_install").tell()
    }

    @Test func `at the door, and as a connection lasts, faults do what they say`() throws {
        try Story("9i_at_the_door").tell()
    }

    @Test func `what a record says is asked again, and told as it came`() throws {
        try Story("9q_replay").tell()
    }

    @Test func `each test has a world of its own`() throws {
        try Story("9g_worlds").tell()
    }

    @Test func `FAULT does what each URL says`() throws {
        try Story("9k_the_fault_server").tell()
    }

    @Test func `faults have more than Toxiproxy's, shown only when set`() throws {
        try Story("9j_new_quantities").tell()
    }

    @Test func `the running daemon has a client, under the name toxiproxy-cli too`() throws {
        try Story("9d_a_client_for_the_daemon").tell()
    }

    @Test func `abuse hinders nobody and leaves no trace`() throws {
        try Story("70_abuse_leaves_no_trace").tell()
    }

    @Test func `garbage is refused in HTTP`() throws {
        try Story("71_garbage_is_refused").tell()
    }

    @Test func `Toxiproxy's clients find Toxiproxy`() throws {
        try Story("80_toxiproxy_clients").tell()
    }

    @Test func `Toxiproxy's command line, file and name start Toxiproxy`() throws {
        try Story("81_toxiproxy_command_line").tell()
    }

    @Test func `the Chaos Toolkit's actions work unmodified`() throws {
        try Story("82_chaostoolkit").tell()
    }

    @Test func `every toxic does what it says, on both streams`() throws {
        try Story("83_every_toxic_does_what_it_says").tell()
    }

    @Test func `nothing kills or freezes it`() throws {
        try Story("84_nothing_kills_or_freezes_it").tell()
    }

    @Test func `Vaurien's command line, behaviours and API are Vaurien's`() throws {
        try Story("85_vaurien").tell()
    }

    @Test func `CHAOS and other proxies of HTTP change nothing but what is drawn`() throws {
        try Story("86_chaos_before_local").tell()
    }

    @Test func `databases, caches and mail pass, and their errors are their own`() throws {
        try Story("87_databases_caches_and_mail").tell()
    }

    @Test func `a gigabyte each way arrives whole, and costs no memory`() throws {
        try Story("88_a_gigabyte_each_way").tell()
    }

    @Test func `the control port is safe`() throws {
        try Story("89_the_control_port_is_safe").tell()
    }

    @Test func `faults on the command line work as printed`() throws {
        try Story("90_faults_on_the_command_line").tell()
    }

    @Test func `toxics change on live connections without harm`() throws {
        try Story("91_toxics_change_on_live_connections").tell()
    }

    @Test func `a client's one mistake is caught by name, and a good client is not`() throws {
        try Story("9l_conformance").tell()
    }

    @Test func `flagget does what the book's downloaders do, and tells the truth`() throws {
        try Story("9m_flagget").tell()
    }

    @Test func `a sweep finds what is known to be best`() throws {
        try Story("9n_sweep").tell()
    }

    @Test func `the page shows and changes what happens, in a real browser`() throws {
        try Story("9p_the_page").tell()
    }

    @Test func `the page is of use beside tests, and survives what they do`() throws {
        try Story("9r_the_page_in_use").tell()
    }
}

/// A script in `python/` and how to run it.
private struct Story {
    /// A story that takes longer hangs, and is killed.
    private static let limit = DispatchTimeInterval.seconds(180)
    /// Exit status of a script that could not try everything; its last line says why.
    private static let skipped: Int32 = 77

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

    private let name: String

    init(_ name: String) {
        self.name = name
    }

    func tell() throws {
        let (status, output) = try run()
        if status == Self.skipped {
            let reason = output.split(separator: "\n").last.map(String.init) ?? "no reason given"
            try Test.cancel("\(reason)")
        }
        #expect(status == 0, "\(name).py:\n\(output)")
    }

    /// - Returns: the exit status, -1 if it had to be killed, and all it printed.
    private func run() throws -> (Int32, String) {
        let process = Process()
        let script = Self.folder.appending(path: "python/\(name).py").path
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [Self.python, script]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["FLAGSERVER": Self.binary, "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        // A file, not a pipe: nobody has to read while the script runs.
        let log = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: log) }
        let output = try FileHandle(forWritingTo: log)
        (process.standardOutput, process.standardError) = (output, output)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let isLate = ended.wait(timeout: .now() + Self.limit) == .timedOut
        if isLate {
            kill(process.processIdentifier, SIGKILL)  // its servers die with it
            process.waitUntilExit()
        }
        let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        return (isLate ? -1 : process.terminationStatus, text)
    }

    /// The interpreter with httpx and aiohttp, if there is one.
    private static var python: String {
        if let chosen = ProcessInfo.processInfo.environment["FLAGSERVER_TEST_PYTHON"] {
            return chosen
        }
        let own = root.appending(path: ".build/venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }

    /// Built with the tests, and beside them.
    private static var binary: String {
        let beside = Bundle.main.bundleURL.appending(path: "flagserver").path
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : root.appending(path: ".build/debug/flagserver").path
    }
}
