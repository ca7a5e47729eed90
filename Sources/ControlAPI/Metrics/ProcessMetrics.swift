import EventLoop

/// What Prometheus' own clients tell of their process, by the same names.
enum ProcessMetrics {
    static func bytes(_ figures: ProcessFigures) -> [UInt8] {
        var text = MetricText()
        append(
            "cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.",
            MetricText.seconds(figures.processorTime), to: &text)
        append(
            "max_fds", .gauge, "Maximum number of open file descriptors.",
            "\(figures.maximumDescriptors)", to: &text)
        append(
            "open_fds", .gauge, "Number of open file descriptors.", "\(figures.openDescriptors)",
            to: &text)
        append(
            "resident_memory_bytes", .gauge, "Resident memory size in bytes.",
            "\(figures.residentMemory)", to: &text)
        append(
            "start_time_seconds", .gauge,
            "Start time of the process since unix epoch in seconds.",
            MetricText.seconds(figures.started), to: &text)
        append(
            "virtual_memory_bytes", .gauge, "Virtual memory size in bytes.",
            "\(figures.virtualMemory)", to: &text)
        return text.bytes
    }

    private static func append(
        _ name: String, _ kind: MetricText.Kind, _ help: String, _ value: String,
        to text: inout MetricText
    ) {
        text.begin("process_\(name)", kind, help)
        text.sample("process_\(name)", [], value)
    }
}
