import CohortModel
import Testing

@Suite struct PackedUsersEndTests {
  /// Loads of eight bytes must stay within the bytes given, however few follow the set.
  @Test func `Small sets are read whatever number of bytes follows them`() {
    for users in everySubset(of: 10, times: 1, from: 60) + everySubset(of: 8, times: 3) {
      let packed = PackedUsers(sorted: users.span)
      for rest in 0...9 {
        let bytes = packed.bytes + [UInt8](repeating: 0xFF, count: rest)
        var found: [UInt32] = []
        PackedUsers.forEach(in: bytes.span, at: 0) { found.append($0) }
        var bitmap = FoldBitmap()
        bitmap.insert(in: bytes.span, at: 0)
        #expect(found == users && bitmap.cut().users == users)
      }
    }
  }
}
