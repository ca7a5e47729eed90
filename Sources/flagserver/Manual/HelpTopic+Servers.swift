import Faults
import Records

// The servers that are off unless they are asked for.
extension HelpTopic {
    static var dnsManual: String {
        let faults = FaultType.core.filter(\.needsNames).map(\.rawValue).joined(separator: ", ")
        let lines = faults.wrapped(to: 78).map { "  \($0)" }.joined(separator: "\n")
        return """
            A NAME SERVER:
              flagserver --dns           port 8053 on the loopbacks, over UDP and TCP
              flagserver --dns 0         any free port; off: none
              flagserver run --dns dig br.flags.test
                                         the command asks it for every name, if the
                                         machine allows that; it is also told where it
                                         is, in FLAGS_DNS_ADDRESS

            It knows the countries, br.flags.test, and the names of a configuration file:
              dns: [ { name: def.dev, a: 127.0.0.1, aaaa: "::1", ttl: 30 } ]
            All others do not exist (NXDOMAIN). Its proxy is dns, an exchange is a
            question, and what can go wrong beside latency is
            \(lines)
              flagserver --dns --toxic 'dns:servfail toxicity=25%'
              flagserver draw dns --dns --toxic dns:drop --target 'A br.flags.test' -n 5
            """
    }

    static let charfinderManual = """
        CHARFINDER: the book's servers that find characters by the words of their names
          flagserver --charfinder    lines over TCP on 2323, pages over HTTP on 8888
          flagserver --charfinder tcp=0,http=off,edition=1
                                     a free port, not the other one, and the dialogue
                                     of the first edition; 0: free ports, off: none
          flagserver run --charfinder pytest
                                     the command is told where they are, in
                                     FLAGS_CHARFINDER_ADDRESS and FLAGS_CHARFINDER_URL

        Their proxies are charfinder-tcp, where an exchange is a query, and
        charfinder-http, with /?query=cat+face and, as JSON, /search?q=cat+face:
          flagserver --charfinder --toxic 'charfinder-tcp:respond 503=1 toxicity=25%'
          flagserver draw charfinder-tcp --charfinder --target 'chess black' -n 5
        """
}
