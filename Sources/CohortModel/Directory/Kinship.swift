/// Which users ended, and who is whose survivor.
///
///     ends     every end in order: who, when, into whom             24 bytes each
///     fates    one record for each user that ended or received one   16 bytes each
///     groups   everyone who was merged together, with the survivor    8 bytes each
///
/// Merging joins two groups by relabelling the smaller one, so each user is relabelled at
/// most log₂(n) times and a survivor is always one step away, whatever the chain.
/// Users to whom nothing happened cost nothing: their page of `fateOf` is blank.
///
/// Invariants: the members of a group form one ring through `Fate.next`; the merges form a forest,
/// because a user ends once and never into its own group.
struct Kinship: Sendable {
  struct End: Equatable {
    var at: UInt64
    var user: UInt32
    /// 0: deleted.
    var into: UInt32
    /// The end before this one that went into the same user, plus one; 0: none.
    var sibling: UInt32
    var spare: UInt32 = 0
  }

  private struct Fate {
    /// The user's end plus one; 0: has not ended.
    var end: UInt32 = 0
    /// The newest end that went into this user, plus one.
    var child: UInt32 = 0
    var group: UInt32 = 0
    /// The next user of the group's ring.
    var next: UInt32 = 0
  }

  private struct Group {
    var survivor: UInt32 = 0
    var size: UInt32 = 0
  }

  private(set) var ends = PagedArray(blank: End(at: 0, user: 0, into: 0, sibling: 0))
  private var fateOf = PagedArray<UInt32>(blank: 0)
  private var fates = PagedArray(blank: Fate())
  private var groups = PagedArray(blank: Group())

  init() {
    fates.append(Fate())
    groups.append(Group())
  }

  /// The end of `user`, if it came at or before `position`.
  func end(of user: UserID, at position: Position) -> End? {
    let end = fates[Int(fateOf[Int(user.rawValue)])].end
    guard end != 0 else { return nil }
    let record = ends[Int(end) - 1]
    return record.at <= position.rawValue ? record : nil
  }

  /// Who `user` is after every merge so far.
  @inline(__always) func survivor(of user: UserID) -> UserID {
    let group = fates[Int(fateOf[Int(user.rawValue)])].group
    return group == 0 ? user : UserID(groups[Int(group)].survivor)
  }

  /// Who `user` was at `position`: one step for each merge of its chain.
  func survivor(of user: UserID, at position: Position) -> UserID {
    guard let last = ends.count == 0 ? nil : ends[ends.count - 1],
      last.at > position.rawValue
    else { return survivor(of: user) }
    var user = user
    while let end = end(of: user, at: position), end.into != 0 { user = UserID(end.into) }
    return user
  }

  /// Everyone merged into `user`, directly or through others, at or before `position`, in the order
  /// of the merges.
  func merged(into user: UserID, at position: Position) -> [UserID] {
    var found: [UInt32] = []
    var next = 0
    var parent = user.rawValue
    while true {
      var child = fates[Int(fateOf[Int(parent)])].child
      while child != 0 {
        let end = ends[Int(child) - 1]
        if end.at <= position.rawValue { found.append(child - 1) }
        child = end.sibling
      }
      guard next < found.count else { break }
      parent = ends[Int(found[next])].user
      next += 1
    }
    found.sort()
    return found.map { UserID(ends[Int($0)].user) }
  }

  /// Ends `user`, unless it has ended or would be merged within its own group.
  ///
  /// - Returns: whether anything changed.
  mutating func end(_ user: UserID, at position: Position, into: UserID?) -> Bool {
    let fate = makeFate(of: user.rawValue)
    guard fates[fate].end == 0 else { return false }
    if let into, survivor(of: into) == survivor(of: user) { return false }
    var sibling: UInt32 = 0
    if let into {
      let parent = makeFate(of: into.rawValue)
      sibling = fates[parent].child
      fates[parent].child = UInt32(ends.count + 1)
      join(user.rawValue, fate, into.rawValue, parent)
    }
    fates[fate].end = UInt32(ends.count + 1)
    ends.append(
      End(at: position.rawValue, user: user.rawValue, into: into?.rawValue ?? 0, sibling: sibling))
    return true
  }

  private mutating func makeFate(of user: UInt32) -> Int {
    if fateOf[Int(user)] == 0 {
      fateOf[Int(user)] = UInt32(fates.count)
      fates.append(Fate())
    }
    return Int(fateOf[Int(user)])
  }

  private mutating func makeGroup(of user: UInt32, _ fate: Int) -> UInt32 {
    if fates[fate].group == 0 {
      fates[fate].group = UInt32(groups.count)
      fates[fate].next = user
      groups.append(Group(survivor: user, size: 1))
    }
    return fates[fate].group
  }

  private mutating func join(_ user: UInt32, _ fate: Int, _ into: UInt32, _ parent: Int) {
    let (from, to) = (makeGroup(of: user, fate), makeGroup(of: into, parent))
    let survivor = groups[Int(to)].survivor
    let size = groups[Int(from)].size + groups[Int(to)].size
    let fromIsSmaller = groups[Int(from)].size <= groups[Int(to)].size
    let kept = fromIsSmaller ? to : from
    let first = fromIsSmaller ? user : into
    var member = first
    repeat {
      let place = Int(fateOf[Int(member)])
      fates[place].group = kept
      member = fates[place].next
    } while member != first
    groups[Int(fromIsSmaller ? from : to)] = Group()
    groups[Int(kept)] = Group(survivor: survivor, size: size)
    // Two rings whose members exchange successors are one ring.
    let next = fates[fate].next
    fates[fate].next = fates[parent].next
    fates[parent].next = next
  }

  var allocatedBytes: Int {
    ends.allocatedBytes + fateOf.allocatedBytes + fates.allocatedBytes + groups.allocatedBytes
  }
}
