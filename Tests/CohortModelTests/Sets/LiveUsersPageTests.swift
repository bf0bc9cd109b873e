import CohortModel
import TestSupport
import Testing

@Suite struct `Pages of a set` {
  @Test func `are the set, wherever they are cut`() {
    var random = SeededRandom(seed: 8)
    for density in [2, 40, 3_000] {
      var users: [UInt32] = []
      var last: UInt32 = 0
      while last < 400_000 {
        last += UInt32(1 + random.below(density))
        users.append(last)
      }
      let set = LiveUsers(sorted: users.span)
      for limit in [1, 7, 1_000, 70_000, 1_000_000] where users.count / limit < 20_000 {
        var (all, after): ([UInt32], UInt32) = ([], 0)
        while true {
          let before = all.count
          set.append(after: after, atMost: limit, to: &all)
          #expect(all.count - before <= limit)
          guard all.count > before else { break }
          after = all[all.count - 1]
        }
        #expect(all == users)
      }
      for _ in 0..<300 {
        let after = UInt32(random.below(420_000))
        var page: [UInt32] = []
        set.append(after: after, atMost: 5, to: &page)
        #expect(page == Array(users.filter { $0 > after }.prefix(5)))
      }
    }
    var none: [UInt32] = []
    LiveUsers().append(after: 0, atMost: 5, to: &none)
    LiveUsers(sorted: [UInt32.max].span).append(after: .max, atMost: 5, to: &none)
    #expect(none.isEmpty)
    LiveUsers(sorted: [UInt32.max].span).append(after: 7, atMost: 5, to: &none)
    #expect(none == [.max])
  }
}
