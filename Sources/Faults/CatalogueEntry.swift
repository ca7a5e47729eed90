/// A fault of the catalogue, as a value with its quantities: all that the program knows of it.
///
/// The static half says what it is called and what can be given; the rest what one of them does.
protocol CatalogueEntry: Equatable, Sendable {
    /// The API's word for it.
    static var name: String { get }
    static var place: FaultPlace { get }
    /// Where it acts unless it is told otherwise.
    static var stream: ToxicStream { get }
    /// One sentence for people.
    static var summary: String { get }
    /// What is known of it beside how it works.
    static var note: FaultNote { get }
    /// Attributes as in `--toxic`, with a blank before each.
    static var example: String { get }
    /// The schema, in the order in which the attributes are shown.
    static var attributes: [Attribute] { get }
    /// The attribute of that name, in whatever case.
    static func attribute(named name: String) -> Attribute?
    /// Attributes that are written as one value: of `respond` the `statuses`.
    static var combined: CombinedAttribute? { get }
    /// Whether it makes a stage.
    static var hasStage: Bool { get }
    /// What one that has acted is the reason for.
    static var explains: Explanation { get }
    /// Whether it reaches beyond the exchange that drew it, to the whole connection.
    static var concernsConnection: Bool { get }
    /// Whether it is about requests that follow each other, which only http has.
    static var needsHTTP: Bool { get }
    /// Whether it is about what a name server answers.
    static var needsNames: Bool { get }
    /// Whether it can be had where there are whole messages, and no bytes that flow.
    static var takesMessages: Bool { get }

    /// - Throws: what is wrong with the values together; each has been held against its range.
    init(_ values: AttributeValues) throws(FaultError)
    /// Every attribute in base units, zeros included, in the order of the schema; a text that is
    /// not given is left out.
    var values: [(name: String, value: Quantity)] { get }
    /// What it does, in a few words.
    var words: String { get }
    /// How long it holds back the end of the connection; nil if it does not.
    var endDelay: Nanoseconds? { get }

    /// What it is for an exchange that begins while so many are under way, itself among them.
    func under(load: UInt32) -> Self
    /// After how long it ends by itself, in nanoseconds; nil: never.
    var timeInForce: Nanoseconds? { get }
    /// What becomes of a connection as it comes; nil: nothing.
    var arrival: Arrival? { get }
    /// After how long without a request a connection is closed, in nanoseconds; nil: never.
    var idleLimit: Nanoseconds? { get }
    /// How long a connection stays open that should end with its answer; nil: it ends.
    var openTime: Nanoseconds? { get }
    /// How a listener treats those who connect.
    func door(isIPv6: Bool) -> Door

    /// What it does to one exchange, from that exchange's own numbers.
    ///
    /// - Parameter isConnection: the exchange is a connection, in which bytes flow on and on.
    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect

    /// The stage that does it to the bytes.
    ///
    /// - Parameters:
    ///   - seed: of what it draws while bytes pass; of a fault of the connection the number of the
    ///     request on it, from 1.
    ///   - credit: its turns, if it is about who may send when.
    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)?
}

extension CatalogueEntry {
    static var place: FaultPlace { .bytes }
    static var stream: ToxicStream { .downstream }
    static var note: FaultNote { FaultNote() }
    static var hasStage: Bool { place == .bytes }
    static var explains: Explanation { .nothing }
    static var concernsConnection: Bool { false }
    static var needsHTTP: Bool { false }
    static var needsNames: Bool { false }
    static var takesMessages: Bool { false }
    static var combined: CombinedAttribute? { nil }

    static func attribute(named name: String) -> Attribute? {
        let name = name.lowercased()
        return attributes.first { $0.name == name }
    }

    var endDelay: Nanoseconds? { nil }
    var timeInForce: Nanoseconds? { nil }
    var arrival: Arrival? { nil }
    var idleLimit: Nanoseconds? { nil }
    var openTime: Nanoseconds? { nil }

    func door(isIPv6: Bool) -> Door { .open }

    func under(load: UInt32) -> Self { self }

    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect {
        .stage(seed: generator.next())
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? { nil }
}
