public import Names

/// What goes wrong, with its quantities.
///
/// All that there is to say about a fault stands in its file in `Catalogue/`. One more is that
/// file, a case here, and a line in each of the two lists below.
public enum Fault: Equatable, Sendable {
    case noop(Noop)
    case latency(Latency)
    case bandwidth(Bandwidth)
    case slicer(Slicer)
    case limitData(LimitData)
    case slowClose(SlowClose)
    case timeout(Timeout)
    case resetPeer(ResetPeer)
    case packetLoss(PacketLoss)
    case corrupt(Corrupt)
    case respond(Respond)
    case refuse(Refuse)
    case acceptStall(AcceptStall)
    case v6Blackhole(V6Blackhole)
    case v4Only(V4Only)
    case v6Only(V6Only)
    case acceptDelay(AcceptDelay)
    case acceptReset(AcceptReset)
    case acceptClose(AcceptClose)
    case keepaliveRace(KeepaliveRace)
    case closeAfter(CloseAfter)
    case idleClose(IdleClose)
    case lyingKeepAlive(LyingKeepAlive)
    case connectionCloseStays(ConnectionCloseStays)
    case nameError(NameError)
    case serverFailure(ServerFailure)
    case refusedQuery(RefusedQuery)
    case droppedQuery(DroppedQuery)
    case truncatedAnswer(TruncatedAnswer)
    case wrongIdentifier(WrongIdentifier)
    case wrongQuestion(WrongQuestion)
    case wrongSource(WrongSource)
    case canonicalLoop(CanonicalLoop)
    case noAddress6(NoAddress6)
    case slowStream(SlowStream)
    case manyRecords(ManyRecords)
    case zeroTimeToLive(ZeroTimeToLive)
    case garbageAnswer(GarbageAnswer)
    case script(ScriptFault)

    /// In the order in which people are told of them.
    static let catalogue: [CatalogueRow] = [
        CatalogueRow(Fault.noop), CatalogueRow(Fault.latency), CatalogueRow(Fault.bandwidth),
        CatalogueRow(Fault.slicer), CatalogueRow(Fault.limitData), CatalogueRow(Fault.slowClose),
        CatalogueRow(Fault.timeout), CatalogueRow(Fault.resetPeer),
        CatalogueRow(Fault.packetLoss), CatalogueRow(Fault.corrupt), CatalogueRow(Fault.respond),
        CatalogueRow(Fault.refuse),
        CatalogueRow(Fault.acceptStall),
        CatalogueRow(Fault.v6Blackhole),
        CatalogueRow(Fault.v4Only),
        CatalogueRow(Fault.v6Only),
        CatalogueRow(Fault.acceptDelay),
        CatalogueRow(Fault.acceptReset),
        CatalogueRow(Fault.acceptClose),
        CatalogueRow(Fault.keepaliveRace),
        CatalogueRow(Fault.closeAfter),
        CatalogueRow(Fault.idleClose),
        CatalogueRow(Fault.lyingKeepAlive),
        CatalogueRow(Fault.connectionCloseStays),
        CatalogueRow(Fault.nameError),
        CatalogueRow(Fault.serverFailure),
        CatalogueRow(Fault.refusedQuery),
        CatalogueRow(Fault.droppedQuery),
        CatalogueRow(Fault.truncatedAnswer),
        CatalogueRow(Fault.wrongIdentifier),
        CatalogueRow(Fault.wrongQuestion),
        CatalogueRow(Fault.wrongSource),
        CatalogueRow(Fault.canonicalLoop),
        CatalogueRow(Fault.noAddress6),
        CatalogueRow(Fault.slowStream),
        CatalogueRow(Fault.manyRecords),
        CatalogueRow(Fault.zeroTimeToLive),
        CatalogueRow(Fault.garbageAnswer),
    ]

    var entry: any CatalogueEntry {
        switch self {
        case .noop(let entry): entry
        case .latency(let entry): entry
        case .bandwidth(let entry): entry
        case .slicer(let entry): entry
        case .limitData(let entry): entry
        case .slowClose(let entry): entry
        case .timeout(let entry): entry
        case .resetPeer(let entry): entry
        case .packetLoss(let entry): entry
        case .corrupt(let entry): entry
        case .respond(let entry): entry
        case .refuse(let entry): entry
        case .acceptStall(let entry): entry
        case .v6Blackhole(let entry): entry
        case .v4Only(let entry): entry
        case .v6Only(let entry): entry
        case .acceptDelay(let entry): entry
        case .acceptReset(let entry): entry
        case .acceptClose(let entry): entry
        case .keepaliveRace(let entry): entry
        case .closeAfter(let entry): entry
        case .idleClose(let entry): entry
        case .lyingKeepAlive(let entry): entry
        case .connectionCloseStays(let entry): entry
        case .nameError(let entry): entry
        case .serverFailure(let entry): entry
        case .refusedQuery(let entry): entry
        case .droppedQuery(let entry): entry
        case .truncatedAnswer(let entry): entry
        case .wrongIdentifier(let entry): entry
        case .wrongQuestion(let entry): entry
        case .wrongSource(let entry): entry
        case .canonicalLoop(let entry): entry
        case .noAddress6(let entry): entry
        case .slowStream(let entry): entry
        case .manyRecords(let entry): entry
        case .zeroTimeToLive(let entry): entry
        case .garbageAnswer(let entry): entry
        case .script(let entry): entry
        }
    }
}

// MARK: What its entry says

extension Fault {
    /// - Parameter attributes: by the schema's names, in base units. Absent ones have their
    ///   default.
    /// - Throws: what is wrong and what is allowed.
    public init(_ type: FaultType, _ attributes: [String: Quantity]) throws(FaultError) {
        let values = try AttributeValues(
            of: type.rawValue, type.attributes, named: type.attribute(named:), attributes)
        if let script = type.script {
            try script.check(values.all)
            self = .script(ScriptFault(script, values.all))
            return
        }
        guard let row = Self.catalogue.first(where: { $0.entry == type.entry }) else {
            throw FaultError("script needs a text. Write file=my.fault; to the API send steps.")
        }
        self = try row.read(values)
    }

    /// The API's word for it.
    public var type: FaultType {
        if case .script(let fault) = self { return FaultType(fault.script) }
        return Swift.type(of: entry).type
    }

    /// Every attribute in base units, zeros included, in the order of the schema; but for those
    /// that are shown only where they are set.
    public var attributes: [(name: String, value: Quantity)] {
        entry.values.filter { name, value in
            type.attribute(named: name)?.isShown(value) ?? true
        }
    }

    /// What it does, in a few words.
    public var words: String { entry.words }

    /// Whether it acts on bytes, so that the exchange may not end well.
    public var hasStage: Bool { Swift.type(of: entry).hasStage }

    /// What one that has acted is the reason for.
    public var explains: Explanation { Swift.type(of: entry).explains }

    /// Whether it reaches beyond the exchange that drew it, to the whole connection.
    public var concernsConnection: Bool { Swift.type(of: entry).concernsConnection }

    /// How long it holds back the end of the connection; nil if it does not.
    public var endDelay: Nanoseconds? { entry.endDelay }

    /// What becomes of a connection as it comes; nil: nothing.
    public var arrival: Arrival? { entry.arrival }

    /// After how long without a request a connection is closed, in nanoseconds; nil: never.
    public var idleLimit: Nanoseconds? { entry.idleLimit }

    /// What it does to the answer of a name server; nil if it is of something else.
    public var nameFault: NameFault? { (entry as? any NameEntry)?.nameFault }

    /// How long a connection stays open that should end with its answer; nil: it ends.
    public var openTime: Nanoseconds? { entry.openTime }
}

/// A case of `Fault` with what it is made of. The entries themselves do not know the enum.
struct CatalogueRow: Sendable {
    let entry: any CatalogueEntry.Type
    let read: @Sendable (AttributeValues) throws(FaultError) -> Fault

    init<Entry: CatalogueEntry>(_ fault: @escaping @Sendable (Entry) -> Fault) {
        entry = Entry.self
        read = { values throws(FaultError) in fault(try Entry(values)) }
    }
}
