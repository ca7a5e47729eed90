@main struct FlagServer { static func main() {} }
