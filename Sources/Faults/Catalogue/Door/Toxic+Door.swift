// What a toxic of a listener or a connection can be given.

extension Toxic {
    /// Checks what goes together with where it acts.
    func checkDoor(_ protocol: ProtocolAbilities) throws(ToxicError) {
        let (type, word) = (fault.type, fault.type.rawValue)
        guard type.place == .listener || type.place == .connection else { return }
        guard stream == type.stream else {
            throw ToxicError(
                ["stream"],
                .invalid(
                    "\(word) acts on whole connections: its stream is \(type.stream.rawValue)."))
        }
        guard `protocol`.hasHeads || !type.needsHTTP else {
            throw ToxicError(
                ["type"],
                .invalid("\(word) is about requests on one connection: it needs protocol http."))
        }
        if type.place == .listener { try checkListener(word) } else { try checkConnection(word) }
    }

    /// Nothing is drawn before a connection is there.
    private func checkListener(_ word: String) throws(ToxicError) {
        let key: String? =
            if toxicity != .random(.always) {
                "toxicity"
            } else if exchanges != nil {
                "exchanges"
            } else {
                match == nil ? nil : "match"
            }
        guard let key else { return }
        throw ToxicError(
            [key],
            .invalid(
                "\(word) acts on the listener, before there is a connection that could be drawn "
                    + "for: it takes for, ttl and schedule only. Leave \(key) out."))
    }

    private func checkConnection(_ word: String) throws(ToxicError) {
        guard let match, match.needsHTTP || match.request != nil else { return }
        throw ToxicError(
            ["match"],
            .invalid(
                "\(word) is drawn for a connection before its first request: only client can be "
                    + "matched."))
    }
}
