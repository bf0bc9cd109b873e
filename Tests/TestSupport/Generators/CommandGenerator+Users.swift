import CohortModel

extension CommandGenerator {
  mutating func trackItem() -> TrackItem {
    var item = TrackItem()
    switch random.below(20) {
    case 0: item.hasUnsupportedIdentifier = true
    case 1: break
    case 2:
      item.externalID = externalID()
      item.alias = alias()
    case 3...6: item.alias = alias()
    case 7...9: item.device = device()
    case 10...12:
      item.externalID = externalID()
      item.device = device()
    case 13:
      item.alias = alias()
      item.device = device()
    default: item.externalID = externalID()
    }
    item.updateExistingOnly = random.pick([nil, nil, false, false, true])
    return item
  }

  mutating func importLines() -> [ImportLine] {
    let first = 1 + random.below(100)
    return (0...random.few(7)).map { importLine(first + $0) }
  }

  private mutating func importLine(_ number: Int) -> ImportLine {
    ImportLine(
      line: number, externalID: random.chance(75) ? externalID() : nil,
      aliases: (0..<random.few(2)).map { _ in alias() },
      devices: (0..<random.few(2)).map { _ in device() })
  }

  mutating func addAlias() -> AddAlias {
    AddAlias(externalID: random.chance(60) ? externalID() : nil, alias: alias())
  }

  mutating func updateAlias() -> UpdateAlias {
    let old = alias()
    return UpdateAlias(label: old.label, oldName: old.name, newName: alias().name)
  }

  mutating func identifyUser() -> IdentifyUser {
    IdentifyUser(
      externalID: externalID(), user: random.chance(65) ? .alias(alias()) : .device(device()))
  }

  mutating func mergeUsers() -> MergeUsers { MergeUsers(merge: userName(), keep: userName()) }

  mutating func rename() -> RenameExternalID {
    RenameExternalID(current: externalID(), new: externalID())
  }

  mutating func deleteUsers() -> Wish {
    .deleteUsers(
      (0...random.few(2)).map { _ in userName() }, erase: random.chance(30) ? .init() : nil)
  }

  mutating func noteRecovery() -> Wish {
    .noteRecovery(
      Recovered(
        offset: random.next() >> 40, size: random.next() >> 50,
        digest: Digest(random.next(), 0, 0, 0), mayHaveBeenAcknowledged: random.chance(50)))
  }

  mutating func noteRestoration() -> Wish {
    // A log whose restoration kept what it never had would not open again.
    .noteRestoration(
      Restored(
        cut: Position(0), head: Position(random.next() >> 50),
        root: Digest(random.next(), 0, 0, 0), acceptedLoss: random.chance(50)))
  }
}
