import ControlAPI

extension JournalLineWriter: RecordFormat {}
