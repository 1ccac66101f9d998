Attribute VB_Name = "CedgUser"
Option Explicit

' Everything that involves the user or the machine: questions, files, the environment. The tests replace this module.

Private PasswordGiven As Boolean

Public Sub Say(ByVal Sentence As String)
    On Error Resume Next
    MsgBox Sentence, vbExclamation, "Control workbook"
End Sub

' The folder that was chosen; blank if the question was cancelled.
Public Function AskFolder(ByVal Start As String) As String
    With Application.FileDialog(4)
        .Title = "Choose the round folder: the one with the plan, returns and outbox"
        If Len(Start) > 0 Then .InitialFileName = Start & Application.PathSeparator
        If .Show = -1 Then AskFolder = .SelectedItems(1)
    End With
End Function

Public Function AskPassword(ByVal Title As String) As String
    AskPassword = InputBox("The password of the returns. It is used for this run only and is not stored.", Title)
End Function

' Excel starts Python with its own environment: that way the password is on no command line, in no cell and in no file.
Public Sub GivePassword(ByVal Password As String)
    On Error GoTo Failed
    If Len(Password) = 0 Then Exit Sub
    Dim Variables As Object
    Set Variables = CreateObject("WScript.Shell").Environment("PROCESS")
    Variables("CEDG_PASSWORD") = Password
    PasswordGiven = True
    Exit Sub
Failed:
    Err.Raise 513, "CedgUser", "The password could not be passed to Python: that works only on Windows, where scripts are allowed. " & _
        "Use the command in a terminal."
End Sub

Public Sub ForgetPassword()
    On Error Resume Next
    If PasswordGiven Then CreateObject("WScript.Shell").Environment("PROCESS").Remove "CEDG_PASSWORD"
    PasswordGiven = False
End Sub

Public Sub OpenWorkbook(ByVal Path As String)
    On Error GoTo Failed
    Workbooks.Open Path
    Exit Sub
Failed:
    Err.Raise 514, "CedgUser", Path & " could not be opened: " & Err.Description
End Sub

Public Sub OpenFolder(ByVal Path As String)
    On Error GoTo Failed
    ThisWorkbook.FollowHyperlink Path
    Exit Sub
Failed:
    Err.Raise 515, "CedgUser", Path & " could not be opened: " & Err.Description
End Sub

Public Function Exists(ByVal Path As String) As Boolean
    Exists = Len(Dir(Path, vbDirectory)) > 0
End Function

' A web address where the workbook is synchronised by OneDrive or SharePoint.
Public Function OwnFolder() As String
    OwnFolder = ThisWorkbook.Path
End Function

Public Function OnMac() As Boolean
    OnMac = InStr(Application.OperatingSystem, "Mac") > 0
End Function

' On a Mac RunPython returns at once and Python goes on; on Windows it waits.
Public Function PythonHasEnded() As Boolean
    PythonHasEnded = Not OnMac()
End Function

' A filter that was left on would hide new findings.
Public Sub ShowAllFindings()
    On Error Resume Next
    ThisWorkbook.Worksheets("Findings").ShowAllData
End Sub
