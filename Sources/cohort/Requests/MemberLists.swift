import CohortLedger
import CohortModel
import CohortWire

/// How users stand in lists: text lines sorted as bytes, or objects in order of user number.
struct MemberLists {
  let view: View
  let identity: IdentityTime

  /// The position whose identifiers are shown.
  private var position: Position { identity == .now || view.isNow ? .never : view.position }

  /// Who of `users` is listed, and how many are left out because they were deleted since.
  func listed(_ users: LiveUsers) -> (users: LiveUsers, gone: Int) {
    identity == .now ? view.survivors(of: users) : (users, 0)
  }

  /// One line for each user: the external id, else an alias, a device, or the number.
  func lines(_ users: LiveUsers) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    lines.reserveCapacity(users.count)
    users.forEach { user in
      lines.append(TerminalText.escaped(name(of: UserID(user)).shortSelector))
    }
    return lines.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// How a user is called.
  func name(of user: UserID) -> UserName {
    let shown = view.state.shown(user, at: position)
    if let id = shown.externalID?.bytes { return .externalID(Text(bytes: id)) }
    if shown.externalID == nil {
      for alias in shown.aliases {
        if let name = alias.name.bytes {
          return .alias(label: alias.label, name: Text(bytes: name))
        }
      }
      for device in shown.devices {
        if let device = device.bytes { return .device(Text(bytes: device)) }
      }
    }
    return .number(user)
  }

  /// Prints an array of users, a piece at a time.
  func array(_ users: LiveUsers, _ console: Console) throws {
    try console.data([UInt8(ascii: "[")])
    var isFirst = true
    var last: UInt32 = 0
    while let user = users.next(after: last) {
      var json = JSONWriter()
      json.listed(view.state.shown(UserID(user), at: position))
      try console.data((isFirst ? [] : [UInt8(ascii: ",")]) + json.bytes)
      (isFirst, last) = (false, user)
    }
    try console.data([UInt8(ascii: "]")])
  }
}

extension Console {
  /// Prints an object whose last members are long arrays.
  func object(
    _ members: (inout JSONWriter) -> Void, arrays: [(key: String, print: () throws -> Void)]
  ) throws {
    var json = JSONWriter()
    json.object(members)
    let head = json.bytes.dropLast()
    try data(Array(head))
    var isFirst = head.count == 1
    for (key, print) in arrays {
      try data(Array("\(isFirst ? "" : ",")\"\(key)\":".utf8))
      try print()
      isFirst = false
    }
    try line("}")
  }
}
