/// Whose command line a client's is: it decides units, variables and exit statuses.
enum ClientManner {
    case flagserver
    /// toxiproxy-cli's: bare numbers in Toxiproxy's units, which go as they are, and 1 for every
    /// failure.
    case toxiproxy

    /// In front of its words.
    var program: String {
        switch self {
        case .flagserver: "flagserver"
        case .toxiproxy: "toxiproxy-cli"
        }
    }

    /// What names another control port.
    var urlOption: String {
        switch self {
        case .flagserver: "--url"
        case .toxiproxy: "--host"
        }
    }

    /// That say where the control port is, if nothing is typed.
    var variables: [String] {
        switch self {
        case .flagserver: ["FLAGS_CONTROL_URL", "TOXIPROXY_URL"]
        case .toxiproxy: ["TOXIPROXY_URL", "FLAGS_CONTROL_URL"]
        }
    }

    /// What a failure ends with that deserves `status`.
    func exitStatus(_ status: Int32) -> Int32 {
        switch self {
        case .flagserver: status
        case .toxiproxy: status == 0 ? 0 : CommandLineError.ExitStatus.failure.rawValue
        }
    }
}
