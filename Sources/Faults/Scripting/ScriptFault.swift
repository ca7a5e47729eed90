/// A script with the values of its parameters. Its type is the script's name.
public struct ScriptFault: CatalogueEntry {
    public let script: Script
    /// In base units, by the names of the parameters; defaults are filled in.
    public let arguments: [String: Quantity]

    /// - Parameter arguments: which ``Script/check(_:)`` has let pass.
    public init(_ script: Script, _ arguments: [String: Quantity]) {
        self.script = script
        var all = arguments
        for parameter in script.parameters where all[parameter.name] == nil {
            all[parameter.name] = parameter.defaultQuantity
        }
        self.arguments = all
    }

    static let name = "script"
    static let place = FaultPlace.exchange
    static let stream = ToxicStream.upstream
    static let explains = Explanation.ending
    static let summary = "The answer is what a script says."
    static let example = " file=my.fault"
    static let attributes: [Attribute] = []

    /// There are none without a script.
    init(_ values: AttributeValues) throws(FaultError) {
        throw FaultError("A script is read from its text.")
    }

    var values: [(name: String, value: Quantity)] {
        script.parameters.compactMap { parameter in
            arguments[parameter.name].map { (parameter.name, $0) }
        }
    }

    var words: String { script.name }

    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect {
        .script(seed: generator.next())
    }

    public static func == (left: ScriptFault, right: ScriptFault) -> Bool {
        (left.script === right.script
            || left.script.text == right.script.text
                && left.script.name == right.script.name)
            && left.arguments == right.arguments
    }
}

extension Fault {
    /// When it begins; only scripts need not wait for a complete request.
    public var beginning: ScriptRun.Beginning {
        if case .script(let fault) = self { fault.script.beginning } else { .complete }
    }
    /// Where it acts: a script that waits for no request is of the connection.
    var place: FaultPlace { beginning == .accept ? .connection : type.place }
}
