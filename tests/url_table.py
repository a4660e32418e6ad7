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
welcome:safety                        -            200  200  200  200  200  200  200  200
welcome:leaving                       -            200  200  200  200  200  200  200  200
welcome:listening                     -            200  200  200  200  200  200  200  200
welcome:about                         -            200  200  200  200  200  200  200  200
welcome:components                    -            in   404  404   404  404   404  404   200

# --- help now
resources:help                        -            200  200  200  200  200  200  200  200
resources:list                        -            in   404  404  404  404  200  200  200
resources:check                       resource     in   404  404  404  404  200  200  200
resources:add                         -            in   404  404  404  404  404  404  200
resources:edit                        resource     in   404  404  404  404  404  404  200
resources:move                        resource     in   404  404  404  404  404  404  post
resources:delete                      resource     in   404  404  404  404  404  404  200

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
ownwords:page                         -            in   404  404  200  200  404  404  404
ownwords:file                         -            in   404  404  post post 404  404  404
accounts:listeners                    -            in   404  404  404  404  200  200  200
accounts:verify_listener              profile      in   404  404  404  404  200  200  200
accounts:end_verification             profile      in   404  404  404  404  200  200  200
accounts:operator_home                -            in   404  404  404  404  404  404  200
accounts:invite                       -            in   404  404  404  404  404  404  200
accounts:people                       -            in   404  404  404  404  404  404  200
accounts:agencies                     -            in   404  404  404  404  404  404  200
accounts:agency_add                   -            in   404  404  404  404  404  404  200
accounts:agency_edit                  agency       in   404  404  404  404  404  404  200
accounts:close_account                person       in   404  404  404  404  404  404  200
accounts:invitation                   invitation   410  410  410  410  410  410  410  410
accounts:profile                      -            in   404  404  200  200  200  200  200
accounts:new_password                 mail_key     200  200  200  200  200  200  200  200
accounts:cards                        -            in   404  404  404  404  200  200  200
accounts:cards_sheet                  batch        in   404  404  404  404  200  200  200
accounts:void_batch                   batch        in   404  404  404  404  to   to   to
accounts:partners                     -            in   404  404  404  404  200  200  200
accounts:partner_add                  -            in   404  404  404  404  200  200  200
accounts:partner_edit                 partner      in   404  404  404  404  200  200  200
bulletin:sheet                        -            in   404  404  404  404  200  200  200
bulletin:mail                         -            in   404  404  404  404  200  200  200
jobs:list                             -            in   404  404  200  200  200  200  200
jobs:job                              job          in   404  404  404  404  200  404  404
jobs:file                             job          in   404  404  post post post post post
jobs:stop                             job          in   404  404  post post post post post
jobs:try_again                        job          in   404  404  post post post post post
jobs:let_go                           job          in   404  404  post post post post post
accounts:void_cards                   partner      in   404  404  404  404  200  200  200

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
sessions:agenda_save                    session        in   404  404  404  404  200  404  404
sessions:agenda_templates               session        in   404  404  404  404  200  404  404
sessions:agenda_use                     ready_agenda   in   404  404  404  404  200  404  404
sessions:agenda_delete                  own_agenda     in   404  404  404  404  200  404  404
sessions:round_edit                 planned_round  in   404  404  404  404  200  404  404
sessions:round_remove               planned_round  in   404  404  404  404  200  404  404
sessions:round_close                planned_round  in   404  404  404  404  200  404  404
sessions:round_skip                 planned_round  in   404  404  404  404  200  404  404
sessions:round_move                 planned_round  in   404  404  404  404  post post 404
sessions:round_open                 planned_round  in   404  404  404  404  post post 404
figures:of_all                      -              in   404  404  404  404  200  200  404
figures:of_session                  session        in   404  404  404  404  200  404  404
sessions:round_reopen               planned_round  in   404  404  404  404  post post 404
desk:home                           -              in   404  404  404  404  200  200  404
desk:calendar                       -              in   404  404  404  404  200  200  404
desk:calendar_file                  -              in   404  404  404  404  200  200  404
desk:timeline                       session        in   404  404  404  404  200  404  404
desk:run                            session        in   404  404  404  404  200  404  404
desk:sessions                       -              in   404  404  404  404  200  200  404

# --- streams that tell open pages to look again
live:room                           session        404  200  404  200  404  200  404  404
live:desk                           -              404  404  404  404  404  200  200  404

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
reminders:site                      -              in   404  404  404  404  404  404  200
reminders:rules                     session        in   404  404  404  404  200  404  404
reminders:set_up                    session        in   404  404  404  404  post post 404
reminders:retry                     session        in   404  404  404  404  post post 404
reminders:switch                    rule           in   404  404  404  404  post post 404
reminders:remove                    rule           in   404  404  404  404  post post 404

# --- agencies
agencies:list                         -            200  200  200  200  200  200  200  200
agencies:detail                       agency       200  200  200  200  200  200  200  200

# --- promises: the register, and what participants say of it
commitments:register                  -            200  200  200  200  200  200  200  200
commitments:promise                   promise      200  200  200  200  200  200  200  200
commitments:feed                      -            200  200  200  200  200  200  200  200
commitments:to_check                  -            in   200  200  404  404  404  404  404
commitments:seen                      promise      in   post post 404  404  404  404  404

# --- what goes when
retention:session                     session      200  200  200  200  200  200  200  200
retention:health                      -            in   404  404  404  404  404  404  200
retention:site_settings               -            in   404  404  404  404  404  404  200
retention:monitor                     -            503  503  503  503  503  503  503  503
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
threads:quote                       held           in   post post post post post post post
threads:withdraw                    held           in   200  404  404  404  404  404  404
threads:next_turn                   round          in   404  404  404  404  200  404  404
moderation:queue                    -              in   404  404  404  404  200  200  404
moderation:start                    -              in   404  404  404  404  post post 404
moderation:rest                     -              in   404  404  404  404  to   to   404
moderation:reading                  -              in   404  404  404  404  200  200  404
moderation:item                     held           in   404  404  404  404  200  404  404
moderation:claim                    held           in   404  404  404  404  post post 404
moderation:approve                  held           in   404  404  404  404  post post 404
moderation:return                   held           in   404  404  404  404  post post 404
moderation:undo                     held           in   404  404  404  404  post post 404
moderation:undo_return              held           in   404  404  404  404  post post 404
moderation:propose                  held           in   404  404  404  404  to   404  404
moderation:call_back                held           in   404  404  404  404  post post 404
moderation:overturn                 held           in   404  404  404  404  post post 404
moderation:uphold                   held           in   404  404  404  404  post post 404
moderation:answer                   held           in   to   404  404  404  404  404  404
moderation:look_again               returned       in   post post post post post post post
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

# --- were people heard
feedback:of_all                         -              200  200  200   200  200  200  200  200
feedback:sheet                          session        in   200  404   200  404  200  404  404

# --- facts
facts:read                              session        in   200  404   200  404  200  404  404
facts:position                          fact           in   post post  post post post post post
facts:add                               session        in   404  404   404  404  200  404  404
facts:edit                              fact           in   404  404   404  404  200  404  404
facts:move                              fact           in   404  404   404  404  post post 404
facts:remove                            fact           in   404  404   404  404  200  404  404
# --- reports: not for listeners before they are out
reports:list                          -            200  200  200  200   200  200  200   200
reports:detail                        report       200  200  200  200   200  200  200   200
reports:preview                       previewed    in   200  404  404   404  200  404   404
reports:themes                        session      in   200  404  404   404  404  404   404
reports:answer                        theme        in   post post 404   404  404  404   404
reports:write                         session      in   404  404  404   404  200  404   404
reports:intro                         session      in   404  404  404   404  200  404   404
reports:start_preview                 session      in   404  404  404   404  200  404   404
reports:take_back                     previewed    in   404  404  404   404  200  404   404
reports:publish                       previewed    in   404  404  404   404  200  404   404
reports:theme_add                     session      in   404  404  404   404  200  404   404
reports:theme_edit                    theme        in   404  404  404   404  200  404   404
reports:theme_delete                  theme        in   404  404  404   404  200  404   404
reports:theme_raise                   theme        in   404  404  404   404  post post  404
reports:theme_offer                   theme        in   404  404  404   404  200  404   404
reports:theme_count                   theme        in   404  404  404   404  200  404   404
reports:theme_take_back               theme        in   404  404  404   404  200  404   404
reports:quotable                      theme        in   404  404  404   404  200  404   404
reports:quote_add                     theme_text   in   404  404  404   404  200  404   404
reports:quote_remove                  quote        in   404  404  404   404  200  404   404

# --- promises: their owners, the session, the team
commitments:mine                        -                in   404  404   200  200  404  404  404
commitments:own                         promise          in   404  404   200  404  404  404  404
commitments:revise                      returned_promise in   404  404   200  404  404  404  404
commitments:adopt                       proposed_promise in   404  404   200  404  404  404  404
commitments:decline                     proposed_promise in   404  404   200  404  404  404  404
commitments:news                        promise          in   404  404   200  404  404  404  404
commitments:change                      promise          in   404  404   200  404  404  404  404
commitments:in_session                  session          in   200  404   200  404  200  404  404
commitments:propose                     session          in   404  404   200  404  404  404  404
commitments:to_read                     -                in   404  404   404  404  200  200  404
commitments:read                        held_promise     in   404  404   404  404  200  404  404
commitments:call_broken                 promise          in   404  404   404  404  200  404  404
commitments:read_news                   promise_news     in   404  404   404  404  200  404  404
commitments:enter                       session          in   404  404   404  404  200  404  404

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
