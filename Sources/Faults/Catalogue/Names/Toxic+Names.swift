// What a toxic of a name server can be.

extension Toxic {
    /// Checks that a name server can have it, or that it is none of a name server's.
    func checkNames(_ protocol: ProtocolAbilities) throws(ToxicError) {
        let (type, word) = (fault.type, fault.type.rawValue)
        guard `protocol`.hasNames else {
            guard !type.needsNames else {
                throw ToxicError(
                    ["type"],
                    .invalid(
                        "\(word) is about what a name server answers: it needs protocol dns, not "
                            + "\(`protocol`.name)."))
            }
            return
        }
        guard type.takesMessages else {
            let hint = word == "truncate" ? " Did you mean truncate-udp?" : ""
            throw ToxicError(
                ["type"],
                .invalid(
                    "protocol dns has messages and no streams: it takes latency and faults of "
                        + "names, not \(word).\(hint)"))
        }
        guard match?.request == nil else {
            throw ToxicError(
                ["match"],
                .invalid("request counts those of a connection: on dns match the client."))
        }
    }
}
