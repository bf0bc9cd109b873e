/// Who is who at one position: every user that exists then is a person, together with everyone who
/// was merged into it by then.
struct People {
  /// Users that were merged away or deleted by then.
  let ended: LiveUsers
  /// For each user of a person of more than one, that person.
  ///
  /// Those who were deleted are left out.
  let survivors: [UInt32: UInt32]
  private let userCount: Int

  init(_ directory: Directory, at position: Position) {
    userCount = directory.userCount(at: position)
    var ended: [UInt32] = []
    var survivors: [UInt32: UInt32] = [:]
    for index in 0..<directory.kinship.ends.count {
      let end = directory.kinship.ends[index]
      guard end.at <= position.rawValue else { break }
      ended.append(end.user)
      guard end.into != 0 else { continue }
      let survivor = directory.survivor(of: UserID(end.user), at: position)
      guard case .active = directory.status(of: survivor, at: position) else { continue }
      survivors[end.user] = survivor.rawValue
      survivors[survivor.rawValue] = survivor.rawValue
    }
    ended.sort()
    self.ended = LiveUsers(sorted: ended.span)
    self.survivors = survivors
  }

  /// Every user that exists.
  ///
  /// - Complexity: O(users), a bit each.
  var everyone: LiveUsers {
    var bitmap = FoldBitmap(users: userCount)
    let all = PackedUsers(first: userCount)
    bitmap.insert(in: all.bytes.span, at: 0)
    return SetExpression.difference(.users(bitmap.cut()), minus: .users(ended)).evaluated()
  }

  /// The persons that users of an earlier position are now: those of whom nobody is left are
  /// dropped.
  func persons(_ users: LiveUsers) -> LiveUsers {
    var moved: [UInt32] = []
    for (user, survivor) in survivors where user != survivor && users.contains(user) {
      moved.append(survivor)
    }
    var sorter = UserSorter()
    sorter.sortDistinct(&moved)
    var persons = SetExpression.difference(.users(users), minus: .users(ended)).evaluated()
    persons.insert(sorted: moved.span)
    return persons
  }
}

extension Directory {
  /// How many users had been created by `position`; they have the numbers from 1 to that.
  ///
  /// - Complexity: O(log users).
  package func userCount(at position: Position) -> Int {
    var (low, high) = (0, userCount)
    while low < high {
      let middle = (low + high) / 2
      if created(UserID(UInt32(middle + 1))) <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension PackedUsers {
  /// The users 1 to `count`.
  fileprivate init(first count: Int) {
    guard count > 0 else {
      self.init()
      return
    }
    var bytes: [UInt8] = []
    bytes.append(variableLength: UInt64(count) << 2)
    bytes.append(variableLength: 1)
    self.init(accepted: bytes)
  }
}
