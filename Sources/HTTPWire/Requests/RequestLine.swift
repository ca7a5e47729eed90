/// method SP request-target SP HTTP-version CRLF (RFC 9112 §3).
struct RequestLine {
    let method: HTTPMethod
    let methodText: UnsafeRawBufferPointer
    let target: UnsafeRawBufferPointer
    let minorVersion: UInt8
}
