//! Every reason that Drive gives for a refusal, as one table: its words, its class and its hint.
//!
//! Sources: <https://developers.google.com/workspace/drive/api/guides/handle-errors>, the limits of the guides on
//! shared drives, sharing and uploads, and the reasons that only show up in use.

use super::Class;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $code:literal $class:ident [$($word:literal)*] $hint:expr;)*) => {
        /// Why Drive, or we, said no.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The reason that one of Drive's words in `errors[].reason` means.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($($word => Some(Self::$name),)*)*
                    _ => None,
                }
            }

            /// A stable name for it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What another try can do about it.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$name => reasons!(@class $class),)* }
            }

            /// What a person can do about it.
            #[must_use]
            pub const fn hint(self) -> Option<&'static str> {
                let hint: &'static str = match self { $(Self::$name => $hint,)* };
                if hint.is_empty() { None } else { Some(hint) }
            }
        }
    };
    (@class limited) => { Class::RateLimited(None) };
    (@class transient) => { Class::Transient };
    (@class quota) => { Class::Quota };
    (@class auth) => { Class::Auth };
    (@class permanent) => { Class::Permanent };
}

const SEES: &str = "Share the file or folder with the account that `automata drive doctor` names, or make that \
                    account a member of the shared drive.";
const ROOM: &str = "Delete or move some of what is there, and empty the trash.";

reasons! {
    /// Too many calls.
    RateLimit "rate_limit" limited ["rateLimitExceeded" "userRateLimitExceeded" "quotaExceeded"]
        "Too many calls came in a minute, from here or from others with the same credentials.";
    /// Too many invitations by mail.
    SharingRateLimit "sharing_rate_limit" limited ["sharingRateLimitExceeded"]
        "Share without a mail: leave `notify` out.";
    /// Google's trouble.
    Unavailable "unavailable" transient ["backendError" "internalError" "transientError" "serviceUnavailable"]
        "This is trouble of Google's own; https://www.google.com/appsstatus tells how long it lasts.";
    /// No answer came, or only a part of one.
    Unreachable "unreachable" transient [] "";
    /// Somebody asked us to stop.
    Stopped "stopped" transient [] "What was done so far is kept, and the next try goes on from there.";
    /// What came does not add up to what Drive says it is.
    ChecksumMismatch "checksum_mismatch" transient []
        "The file may have changed at the same moment; the next try fetches or sends it anew.";

    /// The token is not accepted, or is not for this.
    NotAuthorized "not_authorized" auth ["authError" "required" "expired" "unauthorized"]
        "Run `automata drive doctor`: it says which account the credentials are for and what they lack.";
    /// The scopes of the token leave this out.
    ScopeTooSmall "scope_too_small" auth ["insufficientPermissions" "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]
        "Grant the scope https://www.googleapis.com/auth/drive: at the OAuth client's consent, or under domain-wide \
         delegation in the admin console.";
    /// The credentials cannot be read, or made use of.
    BadCredentials "bad_credentials" auth []
        "Hand in the JSON of a service-account key, of an authorised user or of workload identity federation, or the path of a file with it.";
    /// The grant behind the credentials is over.
    GrantOver "grant_over" auth ["invalid_grant"]
        "Make new credentials. A refresh token ends after six months without use, when a hundred newer ones were \
         made, when its user takes access back, and after seven days while the consent screen is set to \"Testing\".";
    /// The API is turned off.
    NotConfigured "api_not_enabled" permanent ["accessNotConfigured" "SERVICE_DISABLED"]
        "Turn on the Google Drive API in the Google Cloud project that the credentials belong to.";
    /// The organisation forbids the app.
    DomainPolicy "domain_policy" permanent ["domainPolicy"]
        "An administrator of the organisation has to allow this app, or this kind of sharing, in the admin console.";
    /// The user lets the app see other files only.
    AppNotAuthorized "app_not_authorized" permanent ["appNotAuthorizedToFile"]
        "With the scope drive.file an app sees only what it made or was handed; grant the scope drive.";

    /// No storage is left.
    StorageFull "storage_full" quota ["storageQuotaExceeded"]
        "A service account owns no storage: put the file into a shared drive, or act for a user by delegation. \
         A user has to make room.";
    /// The project's own limit of the day.
    DailyLimit "daily_limit" quota ["dailyLimitExceeded"]
        "The owner of the Google Cloud project set this limit; raise it there, or wait for the next day.";
    /// The 750 GB of a day.
    UploadAllowance "upload_allowance" quota ["uploadLimitExceeded"]
        "An account may upload and copy 750 GB in 24 hours; the rest can follow then.";
    /// Too many downloads of one file.
    DownloadLimit "download_limit" quota ["downloadQuotaExceeded"]
        "Too many people fetched this file lately; try again tomorrow, or copy it and fetch the copy.";
    /// The account has made too many things.
    TooManyItems "too_many_items" quota ["activeItemCreationLimitExceeded"] ROOM;
    /// A folder holds too many things.
    FolderFull "folder_full" quota ["numChildrenInNonRootLimitExceeded"]
        "A folder holds at most 500,000 things; spread them over several.";
    /// A shared drive holds too many things.
    DriveFull "drive_full" quota ["teamDriveFileLimitExceeded"]
        "A shared drive holds at most 500,000 things, those in its trash included; use another one, or empty the trash.";
    /// Folders in folders in folders.
    TooDeep "too_deep" permanent ["myDriveHierarchyDepthLimitExceeded" "teamDriveHierarchyTooDeep"]
        "Folders nest at most 100 deep.";

    /// It is not there, or not for us to see.
    NotFound "not_found" permanent ["notFound"] SEES;
    /// There is no such grant.
    PermissionNotFound "permission_not_found" permanent ["permissionNotFound"] "";
    /// Something with this id is there already.
    Exists "exists" permanent ["duplicate" "fileIdInUse" "alreadyExists" "conflict"] "";
    /// We may not.
    NotAllowed "not_allowed" permanent ["insufficientFilePermissions" "forbidden" "insufficientParentPermissions"
        "cannotAddParent" "fileWriterTeamDriveMoveInDisabled"]
        "Give the account that `automata drive doctor` names a higher role on this file or its shared drive.";
    /// What is in a folder is not for us to see.
    Unlistable "unlistable" permanent []
        "Access to the folder is limited to those who are named at it: let the account in there that `automata drive doctor` names.";
    /// It is in the trash.
    InTrash "in_trash" permanent []
        "Take it out first: `automata drive restore`; what was put there with a folder above comes out with that.";
    /// Only members of the shared drive may.
    MembersOnly "members_only" permanent ["teamDriveMembershipRequired"]
        "Make the account a member of the shared drive.";
    /// The request makes no sense to Drive.
    BadRequest "bad_request" permanent ["badRequest" "invalid" "invalidParameter" "parseError" "invalidQuery"
        "invalidQueryParameter" "unknownParameter" "requiredParameter" "fieldNotWritable"]
        "The same is refused however often it is asked: its words say what does not fit.";
    /// An id that Drive did not give.
    InvalidId "invalid_id" permanent []
        "Copy the id, or the whole link, from the address bar of Drive.";
    /// Sharing was refused.
    SharingRefused "sharing_refused" permanent ["invalidSharingRequest"]
        "The address may have no Google account, or the organisation forbids sharing with it.";
    /// Sharing was done, the mail was not sent.
    SharedWithoutMail "shared_without_mail" permanent []
        "The access was given; only the mail about it was not sent.";
    /// Too many grants on a file.
    TooManyGrants "too_many_grants" permanent ["fileShareLimitExceeded" "teamDrivePermissionLimitExceeded"]
        "Share with a group instead of with each person.";

    /// There are no bytes to download.
    NotDownloadable "not_downloadable" permanent ["fileNotDownloadable"]
        "A Google document has no bytes of its own: export it as another format.";
    /// It cannot be exported.
    NotExportable "not_exportable" permanent ["fileNotExportable" "exportFormatNotSupported"]
        "Only Google documents are exported, and each type to a few formats; other files are downloaded.";
    /// The export would be too large.
    ExportTooLarge "export_too_large" permanent ["exportSizeLimitExceeded"]
        "Drive exports at most 10 MB: split the document, or choose a smaller format such as text/plain.";
    /// Malware.
    Abusive "abusive" permanent ["cannotDownloadAbusiveFile" "abuse"]
        "Drive found malware in it. Its owner can fetch it all the same: `automata drive get --accept-abuse`.";
    /// Its owner forbids to fetch it.
    DownloadForbidden "download_forbidden" permanent ["cannotDownloadFile" "cannotExportFile"
        "downloadRestricted" "download_restricted_for_revision"]
        "The owner has turned off downloading, printing and copying for those who only read.";
    /// It cannot be copied.
    NotCopyable "not_copyable" permanent ["cannotCopyFile"] "Its owner has turned off copying.";
    /// More than was asked for.
    TooLarge "too_large" permanent ["uploadTooLarge"] "";
    /// Nothing can be read or written here, on this machine.
    LocalFile "local_file" permanent [] "";
    /// A resumable session is gone.
    SessionGone "session_gone" permanent [] "Begin the upload again.";

    /// It comes from above.
    Inherited "inherited" permanent ["cannotModifyInheritedPermission" "cannotModifyInheritedTeamDrivePermission"
        "cannotRemoveInheritedPermission"]
        "Change it at the folder or shared drive that it comes from, or limit access to this folder.";
    /// Folders do not move into shared drives.
    FolderMoveIn "folder_move_in" permanent ["teamDrivesFolderMoveInNotSupported"]
        "Make the folder in the shared drive and move the files.";
    /// One parent only.
    OneParent "one_parent" permanent ["teamDrivesParentLimit" "multipleParentsNotSupported" "cannotAddMultipleParents"]
        "A file is in one folder; put shortcuts into the others.";
    /// Ownership does not leave the organisation.
    OtherDomain "other_domain" permanent ["ownershipChangeAcrossDomainNotPermitted"]
        "Ownership stays inside an organisation: copy the file with the other account, or use a shared drive.";
    /// This is no transfer.
    BadTransfer "bad_transfer" permanent ["invalidOwnershipTransfer" "forbiddenOwnershipTransfer"
        "consentRequiredForOwnershipTransfer"]
        "Between consumer accounts ownership is offered first, and the other accepts it.";
    /// Only a writer can be offered ownership.
    OfferNeedsWriter "offer_needs_writer" permanent ["pendingOwnerWriterRequired"]
        "Let the other account write first.";
    /// Nobody owns what is in a shared drive.
    NoOwners "no_owners" permanent ["ownerOnTeamDriveItemNotSupported"]
        "What is in a shared drive belongs to the drive; make somebody an organizer of it.";
    /// An owner stays.
    KeepsOwner "keeps_owner" permanent ["cannotRemoveOwner"] "Hand the file over to somebody else first.";
    /// This grant has no end.
    NoExpiry "no_expiry" permanent ["cannotSetExpirationOnAnyoneOrDomain" "cannotSetExpiration"
        "expirationNotAllowed"]
        "Only grants for users and groups can end, and of folders only those for readers.";
    /// That time is over.
    ExpiryPast "expiry_past" permanent ["expirationDatesMustBeInTheFuture" "expirationDateTooFar"]
        "An end lies in the future, and within a year.";
    /// A grant of a kind that is not for a shared drive, or the other way round.
    RoleNotHere "role_not_here" permanent ["organizerOnNonTeamDriveNotSupported"
        "organizerOnNonTeamDriveItemNotSupported" "fileOrganizerOnNonTeamDriveNotSupported"
        "fileOrganizerNotYetEnabledForThisTeamDrive"]
        "Organizers are of shared drives only; use writer.";

    /// A refusal that we have no word for.
    Other "refused" permanent [] "";
    /// An answer that is none.
    Nonsense "nonsense" permanent []
        "Look at the endpoint in the settings, and at the proxy: something that is not Drive answers.";
}
