/// Where a toxic acts, in the words of Toxiproxy's API: from the client to the upstream, or back.
public enum ToxicStream: String, Sendable { case upstream, downstream }
