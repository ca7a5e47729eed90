/// Which files of a target know which others, by the types that they name.
struct FileGraph {
    private let files: [SourceFile]
    private let edges: [[Int]]

    init(_ files: [SourceFile]) {
        self.files = files
        var owner: [String: Int] = [:]
        for (index, file) in files.enumerated() {
            for type in file.types { owner[type] = index }
        }
        edges = files.enumerated().map { index, file in
            Set(file.code.names.keys.compactMap { owner[$0] }).subtracting([index]).sorted()
        }
    }

    /// Files each of which leads to all the others.
    var circles: [[String]] {
        let reached = files.indices.map(reachable)
        var (circles, seen): ([[String]], Set<Int>) = ([], [])
        for index in files.indices where !seen.contains(index) {
            let circle = reached[index].filter { reached[$0].contains(index) }
            seen.formUnion(circle)
            if circle.count > 1 { circles.append(circle.map { files[$0].path }.sorted()) }
        }
        return circles
    }

    private func reachable(from start: Int) -> Set<Int> {
        var (found, open): (Set<Int>, [Int]) = ([], [start])
        while let index = open.popLast() {
            for next in edges[index] where found.insert(next).inserted { open.append(next) }
        }
        return found
    }
}
