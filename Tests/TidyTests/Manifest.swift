import Foundation

/// `Package.swift`, as far as it says who may import whom.
struct Manifest {
    /// By target: what it may import of the package, and of other packages.
    let dependencies: [String: Set<String>]

    init() throws {
        let url = SourceFile.root.appendingPathComponent("Package.swift")
        let text = try String(contentsOf: url, encoding: .utf8)
        var dependencies: [String: Set<String>] = [:]
        for target in text.components(separatedBy: "arget(").dropFirst() {
            let declaration = Self.declaration(target)
            let names = Self.texts(in: declaration)
            guard let name = names.first else { continue }
            dependencies[name] = Set(Self.dependencies(declaration))
        }
        self.dependencies = dependencies
    }

    /// Up to the parenthesis that closes it.
    private static func declaration(_ text: String) -> Substring {
        var depth = 1
        let end = text.firstIndex { character in
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            return depth == 0
        }
        return text[..<(end ?? text.endIndex)]
    }

    /// Of products the name, without the package.
    private static func dependencies(_ declaration: Substring) -> [String] {
        guard let start = declaration.range(of: "dependencies: [")?.upperBound else { return [] }
        let list = declaration[start...].prefix { $0 != "]" }
        let packages = list.components(separatedBy: "package: ").dropFirst().compactMap {
            texts(in: $0[...]).first
        }
        let names = texts(in: list)
        // A product may have the name of its package.
        return names.filter { name in
            !packages.contains(name) || names.filter { $0 == name }.count > 1
        }
    }

    private static func texts(in text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
