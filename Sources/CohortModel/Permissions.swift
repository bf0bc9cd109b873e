/// What a REST key may do.
///
/// The raw value is the permission's bit in the log: never reuse one.
public enum Permission: UInt8, Hashable, Sendable, CaseIterable {
  case usersTrack = 0
  case usersAliasNew, usersAliasUpdate, usersIdentify, usersMerge
  case usersExternalIDsRename, usersExternalIDsRemove, usersDelete, usersExportIDs
  case segmentsCreate, segmentsUpdate, segmentsArchive, segmentsRestore, segmentsPreview
  case segmentsList, segmentsDetails, segmentsVersions, segmentsDataSeries, segmentsMembers
  case campaignsCreate, campaignsUpdate, campaignsArchive, campaignsRestore, campaignsLaunch
  case campaignsList, campaignsDetails
  case canvasCreate, canvasUpdate, canvasArchive, canvasRestore, canvasLaunch
  case canvasList, canvasDetails
  case audiencesRead
  case ledgerRead, ledgerPeople, ledgerLog, ledgerWrite, keysManage

  /// As in CONTRACT: the path with dots.
  public var name: String {
    switch self {
    case .usersTrack: "users.track"
    case .usersAliasNew: "users.alias.new"
    case .usersAliasUpdate: "users.alias.update"
    case .usersIdentify: "users.identify"
    case .usersMerge: "users.merge"
    case .usersExternalIDsRename: "users.external_ids.rename"
    case .usersExternalIDsRemove: "users.external_ids.remove"
    case .usersDelete: "users.delete"
    case .usersExportIDs: "users.export.ids"
    case .segmentsCreate: "segments.create"
    case .segmentsUpdate: "segments.update"
    case .segmentsArchive: "segments.archive"
    case .segmentsRestore: "segments.restore"
    case .segmentsPreview: "segments.preview"
    case .segmentsList: "segments.list"
    case .segmentsDetails: "segments.details"
    case .segmentsVersions: "segments.versions"
    case .segmentsDataSeries: "segments.data_series"
    case .segmentsMembers: "segments.members"
    case .campaignsCreate: "campaigns.create"
    case .campaignsUpdate: "campaigns.update"
    case .campaignsArchive: "campaigns.archive"
    case .campaignsRestore: "campaigns.restore"
    case .campaignsLaunch: "campaigns.launch"
    case .campaignsList: "campaigns.list"
    case .campaignsDetails: "campaigns.details"
    case .canvasCreate: "canvas.create"
    case .canvasUpdate: "canvas.update"
    case .canvasArchive: "canvas.archive"
    case .canvasRestore: "canvas.restore"
    case .canvasLaunch: "canvas.launch"
    case .canvasList: "canvas.list"
    case .canvasDetails: "canvas.details"
    case .audiencesRead: "audiences.read"
    case .ledgerRead: "ledger.read"
    case .ledgerPeople: "ledger.people"
    case .ledgerLog: "ledger.log"
    case .ledgerWrite: "ledger.write"
    case .keysManage: "keys.manage"
    }
  }

  public init?(name: String) {
    guard let permission = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = permission
  }
}

/// A set of permissions, one bit each.
public struct Permissions: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public init(_ permissions: some Sequence<Permission>) {
    self.rawValue = permissions.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
  }

  public static let all = Permissions(Permission.allCases)

  public func contains(_ permission: Permission) -> Bool {
    rawValue >> UInt64(permission.rawValue) & 1 == 1
  }

  /// In the order of ``Permission``.
  public var list: [Permission] { Permission.allCases.filter(contains) }
}
