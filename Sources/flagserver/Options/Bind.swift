import ChaosProxy
import EventLoop

/// `--bind`: on which addresses servers listen.
enum Bind: Equatable {
    /// 127.0.0.1 and ::1.
    case loopback
    case all
    case address(SocketAddress)

    /// - Parameter option: the one that has it, for the message.
    /// - Throws: `CommandLineError` 64.
    init(_ text: String, option: String) throws {
        switch text {
        case "loopback", "localhost": self = .loopback
        case "all": self = .all
        default:
            guard let address = SocketAddress(host: text, port: 0) else {
                throw OptionValues.usage(
                    "\(option) \(text) is no address. Write loopback, all, or one like 192.0.2.7.")
            }
            self = .address(address)
        }
    }

    /// Whether only this machine can connect.
    var isLoopback: Bool {
        switch self {
        case .loopback: true
        case .all: false
        case .address(let address): address.isLoopback
        }
    }

    /// With a port: what a proxy listens on.
    func listen(port: UInt16) -> ListenAddress {
        switch self {
        case .loopback: ListenAddress(.loopbacks, port: port)
        case .all: ListenAddress(.all, port: port)
        case .address(let address): ListenAddress(.one(address), port: port)
        }
    }
}
