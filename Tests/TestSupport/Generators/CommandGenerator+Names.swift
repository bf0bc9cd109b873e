import CohortModel

/// Names, mostly good ones.
extension CommandGenerator {
  private mutating func odd(_ text: Text) -> Text {
    random.chance(1) ? random.pick(Vocabulary.oddities) : text
  }

  mutating func externalID() -> Text { odd(random.pick(vocabulary.externalIDs)) }

  mutating func device() -> Text { odd(random.pick(vocabulary.devices)) }

  mutating func alias() -> Alias {
    Alias(label: odd(random.pick(vocabulary.labels)), name: odd(random.pick(vocabulary.aliasNames)))
  }

  mutating func partner() -> Text {
    random.chance(2) ? "nobody" : random.pick(vocabulary.partners)
  }

  mutating func cohortName() -> CohortName {
    let cohortID = random.chance(2) ? "vipp" : random.pick(vocabulary.cohorts)
    return CohortName(partner: partner(), cohortID: odd(cohortID))
  }

  mutating func userName(numbers percent: Int = 0) -> UserName {
    if random.chance(percent) { return .number(UserID(UInt32(1 + random.below(30)))) }
    switch random.below(4) {
    case 0:
      let alias = alias()
      return .alias(label: alias.label, name: alias.name)
    case 1: return percent > 0 ? .device(device()) : .externalID(externalID())
    default: return .externalID(externalID())
    }
  }

  mutating func campaign() -> CampaignReference {
    CampaignReference(
      kind: random.pick(CampaignKind.allCases), number: UInt32(1 + random.below(3)))
  }
}

/// Imports.
extension CommandGenerator {
  mutating func nameCohort() -> NameCohort {
    let cohort = cohortName()
    let names = ["VIP", "Repeat buyers", cohort.cohortID, random.pick(Vocabulary.oddities)]
    return NameCohort(
      cohort: cohort, name: names[random.few(3)], createdAt: earlier())
  }

  mutating func changeMembers() -> ChangeMembers {
    var wish = ChangeMembers(
      cohort: cohortName(), buffer: Array("{\"cohort_changes\":".utf8), changes: [],
      wantsResults: random.chance(50))
    for _ in 0..<random.pick([0, 1, 1, 1, 1, 2, 2, 3]) {
      wish.changes.append(change(&wish.buffer))
    }
    return wish
  }

  private mutating func change(_ buffer: inout [UInt8]) -> ChangeMembers.Change {
    var change = ChangeMembers.Change(shouldRemove: random.chance(40))
    for _ in 0..<random.few(identifiersMax) {
      switch random.below(8) {
      case 0, 1: change.deviceIDs.append(place(device(), in: &buffer))
      case 2, 3, 4:
        let alias = alias()
        change.aliases.append(
          ChangeMembers.AliasRange(
            label: place(alias.label, in: &buffer), name: place(alias.name, in: &buffer)))
      default: change.userIDs.append(place(externalID(), in: &buffer))
      }
    }
    return change
  }

  private func place(_ text: Text, in buffer: inout [UInt8]) -> TextRange {
    buffer.append(UInt8(ascii: "\""))
    buffer += text.bytes
    return TextRange(
      start: UInt32(buffer.count - text.bytes.count), count: UInt32(text.bytes.count))
  }
}
