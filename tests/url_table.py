"""Who gets what at which address: one row a URL, one column a viewer. A URL without a row fails the test.

Cells are the answer to a GET: a status; `in` = sent to sign in; `to` = redirected elsewhere; `post` = 405, this viewer
may use it but only by POST. The second column names the object in the address (see `targets` in test_urls.py).
Viewers: public, a participant in the session, a participant elsewhere, a seated listener, a listener elsewhere,
a facilitator of the team, a facilitator elsewhere, an operator.
"""

from dataclasses import dataclass

VIEWERS = (
    "public",
    "participant",
    "other_participant",
    "listener",
    "other_listener",
    "facilitator",
    "other_facilitator",
    "operator",
)


@dataclass(frozen=True)
class Row:
    name: str
    target: str
    cells: tuple[str, ...]


def parse(table: str) -> list[Row]:
    rows = []
    for line in table.strip().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, target, *cells = line.split()
        assert len(cells) == len(VIEWERS), f"{name}: {len(cells)} cells"
        rows.append(Row(name, target, tuple(cells)))
    return rows


ROWS = parse("""
# name                                target       public part oth_p list oth_l faci oth_f oper
# --- welcome
welcome:home                          -            200  200  200  200  200  200  200  200
welcome:how                           -            200  200  200  200  200  200  200  200
welcome:police                        -            200  200  200  200  200  200  200  200
welcome:promises                      -            200  200  200  200  200  200  200  200
welcome:kept                          -            200  200  200  200  200  200  200  200
welcome:kept_of_others                -            200  200  200  200  200  200  200  200
welcome:leaving                       -            200  200  200  200  200  200  200  200
welcome:about                         -            200  200  200  200  200  200  200  200
welcome:components                    -            in   404  404   404  404   404  404   200

# --- participants
accounts:exit                         -            post post post post post post post post
accounts:start                        -            in   to   to   to   to   to   to   to
accounts:sign_in                      -            200  to   to   to   to   to   to   to
accounts:sign_out                     -            post post post post post post post post
accounts:card                         -            200  to   to   to   to   to   to   to
accounts:before                       step         to   to   to   to   to   to   to   to
accounts:words                        -            to   to   to   to   to   to   to   to
accounts:words_check                  -            to   to   to   to   to   to   to   to
accounts:leave                        -            to   to   to   to   to   to   to   to
accounts:participant_account          -            in   200  200  404  404  404  404  404
accounts:delete_account               -            in   200  200  404  404  404  404  404

# --- listeners and team
accounts:listener_home                -            in   404  404  200  200  404  404  404
accounts:pledge                       -            in   404  404  200  200  404  404  404
accounts:agreement_letter             -            in   404  404  200  200  404  404  404
accounts:withdraw_pledge              -            in   404  404  200  200  404  404  404
accounts:agreement                    -            in   404  404  to   to   404  404  404
accounts:withdraw_agreement           agreement    in   404  404  404  404  404  404  200
accounts:public_name                  -            in   404  404  200  200  404  404  404
accounts:listeners                    -            in   404  404  404  404  200  200  200
accounts:verify_listener              profile      in   404  404  404  404  200  200  200
accounts:end_verification             profile      in   404  404  404  404  200  200  200
accounts:operator_home                -            in   404  404  404  404  404  404  200
accounts:invite                       -            in   404  404  404  404  404  404  200
accounts:people                       -            in   404  404  404  404  404  404  200
accounts:close_account                person       in   404  404  404  404  404  404  200
accounts:invitation                   invitation   410  410  410  410  410  410  410  410
accounts:profile                      -            in   404  404  200  200  200  200  200
accounts:new_password                 mail_key     200  200  200  200  200  200  200  200
accounts:cards                        -            in   404  404  404  404  200  200  200
accounts:cards_sheet                  -            in   404  404  404  404  200  200  200
accounts:partners                     -            in   404  404  404  404  200  200  200
accounts:partner_add                  -            in   404  404  404  404  200  200  200
accounts:partner_edit                 partner      in   404  404  404  404  200  200  200

# --- sessions and desk
sessions:list                       -              200  200  200  200  200  200  200  200
sessions:times                      -              200  200  200  200  200  200  200  200
sessions:matrix                     -              200  200  200  200  200  200  200  200
sessions:detail                     session        200  200  200  200  200  200  200  200
sessions:calendar                   session        200  200  200  200  200  200  200  200
sessions:mine                       -              in   200  200  404  404  404  404  404
sessions:join                       session        in   to   to   404  404  404  404  404
sessions:forget                     session        in   200  404  404  404  404  404  404
sessions:seats                      -              in   404  404  200  200  404  404  404
sessions:apply                      session        in   404  404  200  200  404  404  404
sessions:give_back                  seat           in   404  404  200  404  404  404  404
sessions:create                     -              in   404  404  404  404  200  200  404
sessions:manage                     session        in   404  404  404  404  200  404  404
sessions:edit                       session        in   404  404  404  404  200  404  404
sessions:move_on                    session        in   404  404  404  404  200  404  404
sessions:pause                      session        in   404  404  404  404  200  404  404
sessions:resume                     session        in   404  404  404  404  200  404  404
sessions:postpone                   session        in   404  404  404  404  200  404  404
sessions:guards                     session        in   404  404  404  404  200  404  404
sessions:cancel                     session        in   404  404  404  404  200  404  404
sessions:agenda                     session        in   404  404  404  404  200  404  404
sessions:round_add                  session        in   404  404  404  404  200  404  404
sessions:place                      applied_seat   in   404  404  404  404  200  404  404
sessions:decline_seat               seat           in   404  404  404  404  200  404  404
sessions:remove                     alias          in   404  404  404  404  200  404  404
sessions:round_edit                 planned_round  in   404  404  404  404  200  404  404
sessions:round_remove               planned_round  in   404  404  404  404  200  404  404
sessions:round_close                planned_round  in   404  404  404  404  200  404  404
sessions:round_skip                 planned_round  in   404  404  404  404  200  404  404
sessions:round_move                 planned_round  in   404  404  404  404  post post 404
sessions:round_open                 planned_round  in   404  404  404  404  post post 404
desk:home                           -              in   404  404  404  404  200  200  404
desk:sessions                       -              in   404  404  404  404  200  200  404
desk:resources                      -              in   404  404  404  404  200  200  200
desk:resource_check                 resource       in   404  404  404  404  200  200  200

# --- acknowledgments, notes, reminders
acknowledgments:write               seat           in   404  404  200  404  404  404  404
acknowledgments:hand_in             seat           in   404  404  to   404  404  404  404
acknowledgments:to_check            -              in   404  404  404  404  200  200  404
acknowledgments:printout            seat           in   404  404  200  404  404  404  404
acknowledgments:check               acknowledgment in   404  404  404  404  200  404  404
acknowledgments:count               acknowledgment in   404  404  404  404  200  404  404
acknowledgments:answer              acknowledgment in   post post 404  404  404  404  404
acknowledgments:read                session        in   200  404  200  404  200  404  404
notes:list                          session        in   404  404  404  404  200  404  404
notes:create                        session        in   404  404  404  404  200  404  404
notes:edit                          note           in   404  404  404  404  200  404  404
notes:delete                        note           in   404  404  404  404  200  404  404
reminders:rules                     session        in   404  404  404  404  200  404  404
reminders:set_up                    session        in   404  404  404  404  post post 404
reminders:retry                     session        in   404  404  404  404  post post 404
reminders:switch                    rule           in   404  404  404  404  post post 404
reminders:remove                    rule           in   404  404  404  404  post post 404

# --- agencies
agencies:list                         -            200  200  200  200  200  200  200  200
agencies:detail                       agency       200  200  200  200  200  200  200  200

# --- what goes when
retention:session                     session      200  200  200  200  200  200  200  200
retention:health                      -            in   404  404  404  404  404  404  200
retention:holds                       -            in   404  404  404  404  404  404  200
retention:place_hold                  session      in   404  404  404  404  404  404  200
retention:lift_hold                   session      in   404  404  404  404  404  404  to

# --- threads and moderation
threads:room                        session        in   200  404  200  404  200  404  404
threads:write                       session        in   200  404  200  404  404  404  404
threads:pass                        session        in   post post post post post post post
threads:mine                        session        in   200  404  200  404  404  404  404
threads:revise                      returned       in   200  404  404  404  404  404  404
threads:retelling                   held           in   post post post post post post post
threads:withdraw                    held           in   200  404  404  404  404  404  404
threads:next_turn                   round          in   404  404  404  404  200  404  404
moderation:queue                    -              in   404  404  404  404  200  200  404
moderation:start                    -              in   404  404  404  404  post post 404
moderation:item                     held           in   404  404  404  404  200  404  404
moderation:claim                    held           in   404  404  404  404  post post 404
moderation:approve                  held           in   404  404  404  404  post post 404
moderation:return                   held           in   404  404  404  404  post post 404
moderation:undo                     held           in   404  404  404  404  post post 404
moderation:propose                  held           in   404  404  404  404  to   404  404
moderation:call_back                held           in   404  404  404  404  post post 404
moderation:answer                   held           in   to   404  404  404  404  404  404
moderation:release                  round          in   404  404  404  404  200  404  404

# --- allauth (sign-in of named accounts)
account_login                         -            200  to   to   to   to   to   to   to
account_logout                        -            to   404  404  200  200  200  200  200
account_inactive                      -            200  404  404  200  200  200  200  200
account_signup                        -            200  to   to   to   to   to   to   to
account_reauthenticate                -            in   404  404  200  200  200  200  200
account_email                         -            in   404  404  200  200  200  200  200
account_email_verification_sent       -            200  404  404  200  200  200  200  200
account_change_password               -            in   404  404  200  200  200  200  200
account_set_password                  -            in   404  404  to   to   to   to   to
account_reset_password                -            200  200  200  200  200  200  200  200
account_confirm_login_code            -            in   404  404  to   to   to   to   to
account_confirm_email                 mail_key     200  200  200  200  200  200  200  200
account_reset_password_from_key_done  -            200  404  404  200  200  200  200  200
account_reset_password_from_key       uid_key      200  404  404  200  200  200  200  200
account_reset_password_done           -            200  404  404  200  200  200  200  200
mfa_index                             -            in   404  404  200  200  200  200  200
mfa_authenticate                      -            in   404  404  to   to   to   to   to
mfa_reauthenticate                    -            in   404  404  200  200  200  200  200
mfa_activate_totp                     -            in   404  404  to   to   to   to   to
mfa_deactivate_totp                   -            in   404  404  to   to   to   to   to
mfa_view_recovery_codes               -            in   404  404  404  404  404  404  404
mfa_generate_recovery_codes           -            in   404  404  to   to   to   to   to
mfa_download_recovery_codes           -            in   404  404  404  404  404  404  404
mfa_list_webauthn                     -            in   404  404  200  200  200  200  200
mfa_add_webauthn                      -            in   404  404  to   to   to   to   to
mfa_reauthenticate_webauthn           -            in   404  404  to   to   to   to   to
mfa_remove_webauthn                   passkey      in   404  404  to   to   to   to   to
mfa_edit_webauthn                     passkey      in   404  404  to   to   to   to   to


# --- what was heard
reflections:choose                      session        in   404  404   200  404  404  404  404
reflections:write                       story          in   404  404   200  404  404  404  404
reflections:answer                      reflection     in   200  404   404  404  404  404  404
reflections:team                        session        in   404  404   404  404  200  404  404
reflections:let_out                     round          in   404  404   404  404  200  404  404
reflections:free                        seat           in   404  404   404  404  200  404  404

# --- private messages: never with listeners
messages:mine                         session      in   200  404  404  404   404  404   404
messages:take_back                    message      in   200  404  404  404   404  404   404
messages:list                         session      in   404  404  404  404   200  404   404
messages:conversation                 alias        in   404  404  404  404   200  404   404

# --- objections: never with listeners
sessions:objections                   session      in   200  404  404  404   404  404   404
sessions:objection_take_back          objection    in   200  404  404  404   404  404   404
sessions:objections_team              session      in   404  404  404  404   200  404   404
sessions:objection_settle             objection    in   404  404  404  404   200  404   404
""")
