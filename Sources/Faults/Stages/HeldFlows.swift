/// Flows that a stage holds, in order, each with a mark of the stage's own.
struct HeldFlows<Mark> {
    /// What a flow costs beside its bytes, so that many empty ones are bounded too.
    static var overhead: Int { 128 }

    private var items: [(flow: Flow, mark: Mark)] = []
    /// Where the first one lies: taking it away does not move the others.
    private var head = 0
    /// The bytes held, with the overhead of each flow.
    private(set) var byteCount = 0

    var isEmpty: Bool { head == items.count }
    var first: (flow: Flow, mark: Mark)? { isEmpty ? nil : items[head] }
    var last: (flow: Flow, mark: Mark)? { isEmpty ? nil : items[items.count - 1] }

    mutating func append(_ flow: Flow, _ mark: Mark) {
        items.append((flow, mark))
        byteCount += flow.count + Self.overhead
    }

    mutating func removeFirst() -> (flow: Flow, mark: Mark)? {
        guard let first else { return nil }
        items[head].flow = .boundary  // lets go of the bytes
        head += 1
        byteCount -= first.flow.count + Self.overhead
        compact()
        return first
    }

    /// Puts what is left of the first flow in its place.
    mutating func replaceFirst(_ flow: Flow, _ mark: Mark) {
        guard let first else { return }
        byteCount += flow.count - first.flow.count
        items[head] = (flow, mark)
    }

    mutating func setMarks(_ mark: (Flow) -> Mark) {
        for index in head..<items.count { items[index].mark = mark(items[index].flow) }
    }

    /// Everything, in order.
    mutating func release(into actions: inout Actions) {
        for index in head..<items.count { actions.forward(items[index].flow) }
        self = HeldFlows()
    }

    /// Moves the others to the front once most of the array lies behind: each moves about once.
    private mutating func compact() {
        if isEmpty {
            items.removeAll(keepingCapacity: items.count <= 16)
            head = 0
        } else if head >= 32, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
    }
}
