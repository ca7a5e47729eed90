import ControlAPI
import Faults
import HTTPWire
import Records

/// Asks a control port, flagserver's or Toxiproxy's, and says in sentences what it does not get.
struct ControlClient {
    let url: ControlURL
    let manner: ClientManner
    /// Of the terminal that is written to; nil if it is none.
    let columns: Int?
    private let hasToken: Bool
    private let transport: (ControlRequest) throws -> ControlAnswer

    /// - Parameter transport: asks and brings the answer, whatever its status.
    init(
        _ url: ControlURL, _ manner: ClientManner, columns: Int?, hasToken: Bool = false,
        transport: @escaping (ControlRequest) throws -> ControlAnswer
    ) {
        (self.url, self.manner, self.columns) = (url, manner, columns)
        (self.hasToken, self.transport) = (hasToken, transport)
    }

    /// The answer to a request that succeeds.
    ///
    /// - Parameter status: what it is in the end if the control port finds something wrong with it.
    /// - Throws: `CommandLineError`.
    func ask(
        _ request: ControlRequest, orEnd status: CommandLineError.ExitStatus = .failure
    ) throws -> ControlAnswer {
        let answer = try transport(request)
        if !answer.isSuccess { throw refusal(answer, of: request, status) }
        return answer
    }

    /// Whatever its status is, as long as it is a control port's own.
    func askAnything(_ request: ControlRequest) throws -> ControlAnswer {
        try transport(request)
    }

    /// Why there is no success.
    func refusal(
        _ answer: ControlAnswer, of request: ControlRequest,
        _ status: CommandLineError.ExitStatus = .failure
    ) -> CommandLineError {
        if let error = ControlError.forbidden(answer, url, hasToken: hasToken) { return error }
        if let reason = answer.error {
            let end = reason.last.map { ".?!".contains($0) } ?? true ? "" : "."
            return CommandLineError(status, reason + end)
        }
        let path = request.path.prefix { $0 != "?" }
        let isOwn = ["/journal", "/events", "/verify", "/concurrency"].contains(path)
        if isOwn, answer.status == 404, (try? proxies()) != nil {
            return ControlError.withoutRoute(url, String(path))
        }
        return ControlError.alien(url, manner, "\(answer.status) to \(request.method) \(path)")
    }

    // MARK: Proxies

    /// All of them, in the order of their names.
    func proxies() throws -> [RemoteProxy] {
        let answer = try ask(ControlRequest("GET", "/proxies"))
        guard case .object(let members)? = answer.json else { throw unreadable("/proxies") }
        return try members.map { member in
            guard let proxy = RemoteProxy(member.value) else { throw unreadable("/proxies") }
            return proxy
        }
    }

    private func unreadable(_ path: String) -> CommandLineError {
        ControlError.alien(url, manner, "not their JSON from GET \(path)")
    }

    /// - Throws: `CommandLineError` 1 that names those that there are.
    func proxy(_ name: String) throws -> RemoteProxy {
        let all = try proxies()
        if let proxy = all.first(where: { $0.name == name }) { return proxy }
        let names = all.map(\.name)
        guard !names.isEmpty else {
            throw CommandLineError(
                .failure,
                "there is no proxy '\(name.printable)', and no other one. Make one with "
                    + "'\(manner.program) create'.")
        }
        throw CommandLineError(
            .failure,
            "there is no proxy '\(name.printable)' (\(Self.listed(names)))."
                + Suggestion.hint(for: name, in: names))
    }

    /// Not a whole screen of them.
    static func listed(_ names: [String]) -> String {
        let most = 12
        return names.prefix(most).map(\.printable).joined(separator: ", ")
            + (names.count > most ? ", …" : "")
    }

    /// Where a proxy is, or something of it.
    static func path(_ proxy: String, _ rest: String...) -> String {
        (["/proxies", PercentCoding.encodeComponent(proxy)]
            + rest.map(PercentCoding.encodeComponent)).joined(separator: "/")
    }
}
