import CohortModel
import CohortWire

/// What a ledger says who is in a cohort, in the kind of identifiers that a sync uses.
struct LedgerTruth {
  private let kind: MatchKind
  private(set) var members: [LedgerMember] = []
  private var texts = TextList()
  /// The member whose identifier stands at each place of `texts`.
  private var owners: [UInt32] = []
  /// The place in `texts` of each rank that ``known(keysFrom:)`` gave.
  private var order: [UInt32] = []
  private var isNamed: [Bool] = []
  private var indexes: [UserID: Int] = [:]

  init(_ kind: MatchKind) { self.kind = kind }

  mutating func add(_ member: LedgerMember) {
    let index = members.count
    members.append(member)
    isNamed.append(false)
    indexes[member.user] = index
    for identifier in identifiers(index) where texts.hasRoom(for: identifier.count) {
      texts.append(identifier)
      owners.append(UInt32(index))
    }
  }

  /// By what an import of this kind would match the member.
  ///
  /// Devices match users without external id only.
  func identifiers(_ index: Int) -> [[UInt8]] {
    let member = members[index]
    switch kind {
    case .externalID: return member.externalID.map { [$0] } ?? []
    case .alias(let label):
      return member.aliases.filter { $0.label == label }.map { $0.name.bytes }
    case .device: return member.externalID == nil ? member.deviceIDs : []
    }
  }

  /// The members as a state: all of them are in.
  ///
  /// - Parameter old: A state from which the primary keys are taken.
  /// - Returns: The identifiers of the sync's kind.
  mutating func known(keysFrom old: Known) -> Known {
    order = TextOrder(texts, (0..<UInt32(texts.count)).map { $0 }).places
    let sorted = texts.gathered(order)
    var keys = TextList()
    for rank in 0..<sorted.count {
      keys.append(old.identifiers.rank(of: Array(sorted[rank])).map(old.identifiers.key) ?? [])
    }
    return Known(
      Identifiers(texts: sorted, keys: keys), Array(repeating: .member, count: sorted.count))
  }

  /// The place of an identifier, as ``place(_:)`` has it, by its rank among those known.
  func place(ofRank rank: Int) -> Int { Int(order[rank]) }

  /// Marks the members whom rows name.
  mutating func nameMembers(of known: Known, in rows: Identifiers) {
    Difference.walk(from: known.identifiers, to: rows) { step in
      if case .unchanged(let old, _) = step {
        isNamed[Int(owners[place(ofRank: old)])] = true
      }
    }
  }

  /// Marks a member whom a row names by an identifier that is not listed.
  mutating func name(_ user: UserID) {
    if let index = indexes[user] { isNamed[index] = true }
  }

  var hasUnnamed: Bool { isNamed.contains(false) }

  /// The members whom no row names.
  var unnamed: [Int] { members.indices.filter { !isNamed[$0] } }

  /// The place of the first identifier of a member; `nil` if it has none of the kind.
  func place(_ index: Int) -> Int? {
    // Members, and so their identifiers, stand in order.
    var (low, high) = (0, owners.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(owners[middle]) < index { low = middle + 1 } else { high = middle }
    }
    return low < owners.count && Int(owners[low]) == index ? low : nil
  }

  /// Members by any identifier that an import would match them by.
  static func byOtherKinds(_ members: [LedgerMember]) -> [MatchKind: ChosenIdentifiers] {
    var lists: [MatchKind: TextList] = [:]
    for member in members {
      if let id = member.externalID {
        lists[.externalID, default: TextList()].append(id)
      } else if let alias = member.aliases.first {
        lists[.alias(label: alias.label), default: TextList()].append(alias.name.bytes)
      } else if let device = member.deviceIDs.first {
        lists[.device, default: TextList()].append(device)
      }
    }
    return lists.mapValues { texts in
      let order = TextOrder(texts, (0..<UInt32(texts.count)).map { $0 }).places
      let keys = TextList(Array(repeating: [UInt8](), count: order.count))
      return ChosenIdentifiers(
        Identifiers(texts: texts.gathered(order), keys: keys),
        ranks: (0..<UInt32(order.count)).map { $0 })
    }
  }
}

extension LedgerMember {
  /// How the terminal names the member.
  var selector: String {
    if let externalID { return "external_id:" + String(decoding: externalID, as: UTF8.self) }
    if let alias = aliases.first { return "alias:\(alias.label):\(alias.name)" }
    if let device = deviceIDs.first { return "device:" + String(decoding: device, as: UTF8.self) }
    return user.description
  }
}
