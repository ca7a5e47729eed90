/// The proxies of a flagserver that runs now, asked for at its control port. For somebody who waits
/// at a prompt: what does not answer at once is not there.
enum RunningProxies {
    /// In nanoseconds.
    private static let patience: UInt64 = 200_000_000

    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    /// - Returns: nil if nothing answers.
    static func names(variable: (String) -> String? = OptionSources.environment) -> [String]? {
        let manner = ClientManner.flagserver
        let place = try? ControlURL.find(
            nil, as: manner.urlOption, variables: manner.variables, variable: variable)
        guard let url = place else { return nil }
        let token = variable("FLAGSERVER_CONTROL_TOKEN").flatMap { $0.isEmpty ? nil : $0 }
        let client = ControlClient(url, manner, columns: nil, hasToken: token != nil) { request in
            try ControlConnection(to: url, manner, patience: patience).ask(request, token: token)
        }
        return try? client.proxies().map(\.name)
    }
}
