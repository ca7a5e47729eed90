extension ConformanceCase {
    /// What is to be run.
    var task: CaseRun.Task {
        var task = CaseRun.Task(
            given: given, isForReuse: needs.contains(.reuse), acceptsNothing: expect == .accept)
        if needs.contains(.ipv6) { task.host = "localhost" }
        switch place {
        case .path(let segment): task.segment = segment
        case .toxic(let toxic): task.toxics = [toxic]
        }
        task.toxics += delivery.toxics
        return task
    }
}
