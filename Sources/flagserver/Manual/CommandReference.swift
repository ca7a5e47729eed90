import ArgumentParser
import ControlAPI

/// All that can be typed, as the parser itself tells it: manual, completions and the documentation
/// are made from this list, so that none of them lacks an option.
struct CommandReference {
    let name: String
    let abstract: String
    let discussion: String
    /// Those that are shown, in the order of the help.
    let options: [Option]
    /// Words without hyphens, in their order.
    let arguments: [Option]
    /// Those that are shown.
    let subcommands: [CommandReference]

    struct Option: Equatable {
        /// As they are typed, `-q` and `--quiet`, the shortest first; none for an argument.
        let names: [String]
        /// What its value is called; of an argument its own name; nil for a flag.
        let value: String?
        let summary: String
        /// Where it stands in the help; empty for what has no heading.
        let section: String
        /// All that its value may be; empty if there are too many.
        let values: [String]
        /// nil if there is none, or if the summary says it.
        let standard: String?

        /// The name that says most.
        var longest: String { names.last ?? value ?? "" }
    }

    /// Of the whole program.
    static func program() -> CommandReference {
        let text = Array(FlagserverCommand._dumpHelp().utf8)
        let tool = text.withUnsafeBytes { try? JSONReader.read($0) }
        return CommandReference(tool?["command"] ?? .null)
    }

    init(_ command: JSONValue) {
        name = command["commandName"]?.text ?? ""
        abstract = command["abstract"]?.text ?? ""
        discussion = command["discussion"]?.text ?? ""
        let shown = (command["arguments"]?.elements ?? []).filter(Self.isShown)
        options = shown.filter { $0["kind"]?.text != "positional" }.map(Option.init)
        arguments = shown.filter { $0["kind"]?.text == "positional" }.map(Option.init)
        subcommands = (command["subcommands"]?.elements ?? []).filter(Self.isShown)
            .map(CommandReference.init)
    }

    private static func isShown(_ value: JSONValue) -> Bool {
        value["shouldDisplay"] == .bool(true)
    }

    func subcommand(_ name: String) -> CommandReference? { subcommands.first { $0.name == name } }
}

extension CommandReference.Option {
    init(_ argument: JSONValue) {
        let spelled = (argument["names"]?.elements ?? []).map { name in
            let hyphens = name["kind"]?.text == "long" ? "--" : "-"
            return hyphens + (name["name"]?.text ?? "")
        }
        names = spelled.sorted { $0.utf8.count < $1.utf8.count }
        value = argument["kind"]?.text == "flag" ? nil : argument["valueName"]?.text
        summary = argument["abstract"]?.text ?? ""
        section = argument["sectionTitle"]?.text ?? ""
        values = (argument["allValues"]?.elements ?? []).compactMap(\.text)
        standard = argument["defaultValue"]?.text
    }
}

extension JSONValue {
    fileprivate subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    fileprivate var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    fileprivate var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}
