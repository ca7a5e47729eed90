import ChaosProxy
import EventLoop
import Faults
import Names

/// What `--dns` and a configuration file say of the name server.
struct NameServerSettings {
    /// As its proxy is called.
    static let proxyName = "dns"
    /// Where it listens if nothing else is said: 53 is for the superuser.
    static let standardPort: UInt16 = 8053

    /// 0: any that is free.
    let port: UInt16
    /// Names beside those of the countries.
    var entries: [ZoneEntry]
    /// Those of `--toxic` behind those of the file.
    var toxics: [Toxic] = []
    var limits = RequestLimits()

    /// - Parameters:
    ///   - text: a port, `on`, or `off`.
    ///   - ports: of the flag servers: where all are free, `on` means a free one, too.
    /// - Returns: nil: there is none.
    /// - Throws: `CommandLineError` 64, or 78 for what the configuration says of it.
    init?(_ text: String?, _ ports: Ports, _ configuration: Configuration?) throws {
        guard let text, text != "off" else {
            guard text == nil, let proxy = configuration?.proxies.first(where: \.isNameServer)
            else { return nil }
            throw CommandLineError(
                .configuration,
                "proxy '\(proxy.name)' is the name server, and that is off. Write dns: 8053 for "
                    + "it, or give this proxy an upstream.", at: proxy.place)
        }
        entries = configuration?.names ?? []
        if text == "on" {
            port = ports.areAllFree ? 0 : Self.standardPort
        } else if let given = HostAndPort.port(text) {
            port = given
        } else {
            throw OptionValues.usage(
                "--dns \(text) is no port (0 to 65535). Write --dns alone for "
                    + "\(Self.standardPort), --dns 0 for a free one, or --dns off.")
        }
        guard let proxy = configuration?.proxies.first(where: \.isNameServer) else { return }
        toxics = proxy.toxics ?? []
        limits = limits.applying(proxy.limits)
        guard let reason = ConfigurationProxy.problem(limits, on: .dns, proxy.name) else { return }
        throw CommandLineError(.configuration, reason, at: proxy.place)
    }

    /// What `--toxic` can name.
    var target: ToxicOption.Target {
        ToxicOption.Target(name: Self.proxyName, protocol: .dns, toxics: toxics)
    }

    func plan(seed: UInt64) -> FaultPlan {
        FaultPlan(toxics, proxy: Self.proxyName, seed: seed)
    }

    /// - Throws: `CommandLineError` 78: the file was read with the countries that are built in, and
    ///   with others a chain may lead elsewhere.
    func zone(countries: [String]) throws(CommandLineError) -> Zone {
        do throws(ZoneError) {
            return try Zone(countries: countries, entries: entries)
        } catch {
            throw CommandLineError(.configuration, "dns: \(error)")
        }
    }

    /// Whether a word behind `--dns` is its value.
    static func isValue(_ word: String) -> Bool {
        ["on", "off"].contains(word) || !word.isEmpty && word.allSatisfy(\.isNumber)
    }
}
