import CohortModel

extension CommandGenerator {
  /// Partners, keys and users, so that what follows has somebody to work on.
  mutating func prelude() -> [GeneratedStep] {
    var wishes: [Wish] = []
    for (index, code) in vocabulary.partners.enumerated() {
      let digest = Vocabulary.digest(.partner, index)
      wishes += [
        .enablePartner(
          EnablePartner(
            code: code, displayName: nil, key: index == 0 ? .digest(digest) : .learned)),
        .issueKey(
          IssueKey(
            kind: .dataImport, partner: code, label: "warehouse",
            digest: Vocabulary.digest(.dataImport, index))),
      ]
    }
    wishes.append(
      .issueKey(
        IssueKey(
          kind: .rest, partner: nil, label: "everything", permissions: .all,
          digest: Vocabulary.digest(.rest, 0))))
    wishes.append(
      .importUsers(
        vocabulary.externalIDs.prefix(8).enumerated().map {
          ImportLine(line: $0.offset + 1, externalID: $0.element)
        }))
    for partner in vocabulary.partners {
      wishes += vocabulary.cohorts.prefix(2).map {
        .nameCohort(
          NameCohort(
            cohort: CohortName(partner: partner, cohortID: $0), name: $0, createdAt: time))
      }
      wishes.append(
        .saveSegment(
          SaveSegment(
            name: partner, filter: .includes(partner: partner, [vocabulary.cohorts[0]]))))
    }
    wishes += CampaignKind.allCases.map {
      .saveCampaign(
        SaveCampaign(
          kind: $0, name: "Welcome",
          audience: SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil)))
    }
    return wishes.map { wish in
      time = Instant(microseconds: time.microseconds + 1_000_000)
      return GeneratedStep(command: Command(author: .local, wish: wish), time: time)
    }
  }

  mutating func author(for wish: Wish) -> Author {
    guard random.chance(keyedPercent) else { return .local }
    let code: Text
    switch wish {
    case .nameCohort(let naming): code = naming.cohort.partner
    case .changeMembers(let change): code = change.cohort.partner
    default:
      return .bearer(
        Vocabulary.digest(random.chance(95) ? .rest : .dataImport, random.few(4)),
        from: address(), needs: random.pick([.usersTrack, .ledgerWrite, .keysManage]))
    }
    let own = vocabulary.partners.firstIndex(of: code) ?? 0
    let number = random.chance(85) ? own : random.below(4)
    return .partner(
      PartnerCredentials(
        code: code,
        partnerKey: random.chance(3)
          ? nil : Vocabulary.digest(.partner, random.chance(90) ? own : random.below(4)),
        dataImportKey: random.chance(3) ? nil : Vocabulary.digest(.dataImport, number),
        address: address()))
  }

  private mutating func address() -> NetworkAddress? {
    random.pick([
      nil, NetworkAddress(ipv4: 0x0A00_0001), NetworkAddress(ipv4: 0x0A00_0002),
      NetworkAddress(ipv4: 0xC0A8_0001),
    ])
  }

  mutating func enablePartner() -> EnablePartner {
    let keys: [EnablePartner.PartnerKey] = [
      .none, .learned, .digest(Vocabulary.digest(.partner, random.below(4))),
    ]
    return EnablePartner(
      code: random.chance(4) ? random.pick(["Bad Code", ""]) : random.pick(vocabulary.partners),
      displayName: random.chance(30) ? random.pick(["Hightouch", "Other", ""]) : nil,
      key: random.pick(keys))
  }

  mutating func issueKey() -> IssueKey {
    let kind = random.pick([KeyKind.dataImport, .dataImport, .rest, .rest, .partner])
    var wish = IssueKey(
      kind: kind, partner: kind == .rest || random.chance(4) ? nil : partner(),
      label: random.chance(3) ? "" : "warehouse",
      digest: Vocabulary.digest(kind, random.below(5)))
    if kind == .rest {
      wish.permissions = random.pick([
        .all, Permissions([.usersTrack]), Permissions([.ledgerWrite, .keysManage]),
      ])
    }
    if random.chance(25) {
      wish.networks = ["10.0.0.0/8", "10.0.0.1", "2001:db8::/32"].compactMap { Network($0) }
      wish.networks.remove(at: random.below(3))
    }
    if random.chance(30) {
      wish.expiresAt = Instant(
        microseconds: time.microseconds + Int64(random.below(20) - 1) * 86_400_000_000)
    }
    return wish
  }
}
