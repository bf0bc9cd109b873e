/// The deadlines of a loop, the earliest first.
///
/// A deadline that moves is not sought: the old one stands until its time, and whoever is then
/// called looks whether it is his. So a connection that is busy costs nothing here.
struct DeadlineHeap {
  private var entries: [(time: Int64, id: ClientID)] = []

  init() {}

  var count: Int { entries.count }
  var first: Int64? { entries.first?.time }

  mutating func insert(_ time: Int64, _ id: ClientID) {
    entries.append((time, id))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if entries[parent].time <= entries[child].time { break }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  /// Takes out the earliest, if its time has come.
  mutating func next(by now: Int64) -> (time: Int64, id: ClientID)? {
    guard let first = entries.first, first.time <= now else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].time < entries[least].time {
        least = child
      }
      if least == parent { return first }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
