import ChaosProxy
import Faults
import FlagSite
import HTTPWire

/// What stands behind FAULT: its proxy draws the faults that a URL names, and here the flags are
/// asked for the rest of it. Loop thread only.
final class FaultSite: RequestedFaults {
    private let site: FlagSite
    private let extraFields: [HTTPField]
    private var known: KnownFaultPaths
    private var page: FaultPage?

    /// - Parameters:
    ///   - seed: all draws begin with it.
    ///   - extraFields: of every answer (CORS).
    init(_ site: FlagSite, seed: UInt64, extraFields: [HTTPField]) {
        (self.site, self.extraFields) = (site, extraFields)
        known = KnownFaultPaths(seed: seed, proxy: FlagServer.fault.rawValue)
    }

    // MARK: What the proxy asks

    func plan(of request: HTTPRequest) -> FaultPlan? {
        guard case .file(let entry, _, let rest) = FaultAddress(request, &known),
            Self.isPath(rest), !entry.path.toxics.isEmpty
        else { return nil }
        return entry.plan
    }

    func complete(_ facts: inout ScriptRequest, of request: HTTPRequest) {
        guard case .file(let entry, _, let rest) = FaultAddress(request, &known) else { return }
        facts.path = String(decoding: rest, as: UTF8.self)
        let next = entry.path.next
        facts.next = next.isEmpty ? "" : "/\(next)\(facts.path)"
    }

    /// Another target that is answered like `target`, without a fault.
    ///
    /// - Returns: nil if there is none.
    func other(than target: String, seed: UInt64) -> String? {
        let rest = target.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        return site.other(than: "/" + rest.joined(separator: "/"), seed: seed)
            .map { "/\(FaultPath.control)\($0)" }
    }

    // MARK: Answers

    func answer(_ request: HTTPRequest) -> SiteAnswer {
        switch FaultAddress(request, &known) {
        case .none: return site.answer(request)
        case .index: return index(request)
        case .wrong(let error): return .made(refusal(error, request))
        case .file(_, let prefix, let rest):
            guard Self.isPath(rest) else { return .made(missing(prefix)) }
            return request.head(withTarget: rest).withUnsafeBytes { head in
                var skipped = 0
                guard let inner = try? HTTPParser.parse(head, skipped: &skipped) else {
                    return .made(text(400, "what follows the fault is no path."))
                }
                return site.answer(inner, below: prefix)
            }
        }
    }

    private static func isPath(_ rest: [UInt8]) -> Bool { rest.first == UInt8(ascii: "/") }

    private func missing(_ prefix: String) -> HTTPResponse {
        text(404, "nothing follows the fault. Write \(prefix)\(site.store.example).")
    }

    /// Who has forgotten the fault is told where the file is.
    private func refusal(_ error: FaultPathError, _ request: HTTPRequest) -> HTTPResponse {
        guard error.status == 404, isOfSite(request) else {
            return text(error.status, error.description)
        }
        let target = String(decoding: request.targetFromPath, as: UTF8.self)
        return text(
            404,
            "the fault comes first: /latency;latency=2s\(target). Without any it is "
                + "/\(FaultPath.control)\(target). / lists all faults.")
    }

    private func isOfSite(_ request: HTTPRequest) -> Bool {
        let page = site.store.page.utf8.dropLast()
        if !page.isEmpty, request.path.starts(with: page) {
            let next = request.path.dropFirst(page.count).first
            if next == nil || next == UInt8(ascii: "/") { return true }
        }
        return site.answer(request).status.map { $0.code < 400 } ?? false
    }

    private func text(
        _ status: HTTPStatus, _ text: String, _ fields: [HTTPField] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status, text: text,
            fields: fields + [HTTPField("Cache-Control", "no-store")] + extraFields)
    }

    // MARK: The page

    private func index(_ request: HTTPRequest) -> SiteAnswer {
        switch request.method {
        case .get, .head: break
        case .options: return site.answer(request)
        case .post, .put, .delete, .connect, .trace, .patch, .unknown:
            let allow = HTTPField("Allow", "GET, HEAD, OPTIONS")
            return .made(text(405, "the list of faults can only be read: GET or HEAD.", [allow]))
        }
        let page = page(request)
        let isHTML = request.wantsHTML
        return .made(page.answer(request, isHTML: isHTML, extraFields))
    }

    private func page(_ request: HTTPRequest) -> FaultPage {
        let host = request.singleValue(of: "host").map { String(decoding: $0, as: UTF8.self) }
        let authority = host.flatMap { $0.isEmpty ? nil : $0 } ?? "localhost"
        let example = site.store.example
        if let page, page.authority == authority, page.example == example { return page }
        let made = FaultPage(FaultRow.all, authority: authority, example: example)
        page = made
        return made
    }
}
