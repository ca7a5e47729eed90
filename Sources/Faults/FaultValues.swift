import HTTPWire

// Faults from attributes and back.

extension Fault {
    /// - Parameter attributes: by the schema's names, in base units. Absent ones have their
    ///   default; a `respond` without any status answers 418 and 503.
    /// - Throws: what is wrong and what is allowed.
    public init(_ type: FaultType, _ attributes: [String: Quantity]) throws(FaultError) {
        let values = try AttributeValues(type, attributes)
        switch type {
        case .noop: self = .noop
        case .latency:
            self = .latency(latency: values.time("latency"), jitter: values.time("jitter"))
        case .bandwidth: self = .bandwidth(rate: UInt64(values.number("rate")))
        case .slicer: self = try Self.slicer(values)
        case .limitData: self = .limitData(bytes: values.number("bytes"))
        case .slowClose: self = .slowClose(delay: values.time("delay"))
        case .timeout: self = .timeout(timeout: values.time("timeout"))
        case .resetPeer: self = .resetPeer(timeout: values.time("timeout"))
        case .packetLoss:
            self = .packetLoss(
                lossRate: values.probability("loss_rate"),
                correlation: values.probability("correlation"))
        case .corrupt:
            let inject = values.number("inject") == 1
            self = .corrupt(bytes: Int(values.number("bytes")), inject: inject)
        case .respond: self = try .respond(Self.respond(values))
        }
    }

    private static func slicer(_ values: AttributeValues) throws(FaultError) -> Fault {
        let (average, variation) = (values.number("average_size"), values.number("size_variation"))
        guard variation <= average else {
            throw FaultError(
                "size_variation \(variation) is larger than average_size \(average). "
                    + "A piece cannot be smaller than nothing.")
        }
        return .slicer(
            averageSize: Int(average), sizeVariation: Int(variation), delay: values.time("delay"))
    }

    private static func respond(_ values: AttributeValues) throws(FaultError) -> Respond {
        let statuses = values.weights
        guard statuses.contains(where: { $0.weight > 0 }) else {
            throw FaultError(
                "respond needs a status that is answered. Give one the weight 1, as in 503=1.")
        }
        let retryAfter = values.time("retry_after")
        return Respond(
            statuses: statuses.filter { $0.weight > 0 },
            retryAfter: retryAfter == 0 ? nil : retryAfter)
    }

    /// Every attribute in base units, zeros included; of `respond` the statuses that are answered,
    /// then `retry_after`.
    public var attributes: [(name: String, value: Quantity)] {
        switch self {
        case .noop: []
        case .latency(let latency, let jitter):
            [("latency", .number(Int64(latency))), ("jitter", .number(Int64(jitter)))]
        case .bandwidth(let rate): [("rate", .number(Int64(rate)))]
        case .slicer(let average, let variation, let delay):
            [
                ("average_size", .number(Int64(average))),
                ("size_variation", .number(Int64(variation))), ("delay", .number(Int64(delay))),
            ]
        case .limitData(let bytes): [("bytes", .number(bytes))]
        case .slowClose(let delay): [("delay", .number(Int64(delay)))]
        case .timeout(let timeout), .resetPeer(let timeout):
            [("timeout", .number(Int64(timeout)))]
        case .packetLoss(let rate, let correlation):
            [
                ("loss_rate", .fraction(rate.fraction)),
                ("correlation", .fraction(correlation.fraction)),
            ]
        case .corrupt(let bytes, let inject):
            [("bytes", .number(Int64(bytes))), ("inject", .number(inject ? 1 : 0))]
        case .respond(let respond):
            respond.statuses.filter { $0.weight > 0 }.map {
                ("\($0.status.code)", .number(Int64($0.weight)))
            } + [("retry_after", .number(Int64(respond.retryAfter ?? 0)))]
        }
    }
}
