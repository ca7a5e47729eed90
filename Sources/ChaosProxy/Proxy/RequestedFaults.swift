public import Faults
public import HTTPWire

/// Reads which faults a request asks for by itself, beside the toxics of its proxy: by its URL,
/// say. Loop thread only.
public protocol RequestedFaults: AnyObject {
    /// What they are drawn from; nil: there are none. All of its toxics are of the request.
    func plan(of request: HTTPRequest) -> FaultPlan?
    /// Tells a script what only the reader knows of the request.
    func complete(_ facts: inout ScriptRequest, of request: HTTPRequest)
}
