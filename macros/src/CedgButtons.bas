Attribute VB_Name = "CedgButtons"
Option Explicit

' The buttons of the control workbook, one public Sub each. A Sub makes sure that there is a round folder, starts the Python
' function of its step, and makes sure that the sheet shows the result. Everything a button does, a cedg command does too.

Private Const MASTER_FILE As String = "master.xlsx"
Private Const SEND_BACK As String = "feedback"
Private Const WORKING As String = "Working..."

Public Sub ChooseFolder()
    On Error GoTo Failed
    Dim Chosen As String
    Chosen = AskFolder(RoundFolder())
    If Len(Chosen) > 0 Then ControlCell("cedg_folder").Value = Chosen
    Exit Sub
Failed:
    Finish "Choose folder", Err.Description & " Type the folder into the cell next to Round folder instead."
End Sub

Public Sub CreateCopies()
    On Error GoTo Failed
    RunStep "Create copies", "import cedg_excel.buttons; cedg_excel.buttons.create_copies()", False
    Exit Sub
Failed:
    Finish "Create copies", Err.Description
End Sub

Public Sub CheckReturns()
    On Error GoTo Failed
    RunStep "Check returns", "import cedg_excel.buttons; cedg_excel.buttons.check_returns()", True
    Exit Sub
Failed:
    Finish "Check returns", Err.Description
End Sub

Public Sub MergeReturns()
    On Error GoTo Failed
    RunStep "Merge returns", "import cedg_excel.buttons; cedg_excel.buttons.merge_returns()", True
    Exit Sub
Failed:
    Finish "Merge returns", Err.Description
End Sub

Public Sub OpenMaster()
    On Error GoTo Failed
    If Not HasFolder() Then
        Finish "Open master", "No folder was chosen, so nothing was opened."
    ElseIf Not Exists(InRound(MASTER_FILE)) Then
        Finish "Open master", "There is no " & InRound(MASTER_FILE) & " yet. Click Merge returns first."
    Else
        OpenWorkbook InRound(MASTER_FILE)
    End If
    Exit Sub
Failed:
    Finish "Open master", Err.Description
End Sub

Public Sub OpenSendBack()
    On Error GoTo Failed
    If Not HasFolder() Then
        Finish "Send-back folder", "No folder was chosen, so nothing was opened."
    ElseIf Not Exists(InRound(SEND_BACK)) Then
        Finish "Send-back folder", "There is no folder " & InRound(SEND_BACK) & " yet. Click Check returns first."
    Else
        OpenFolder InRound(SEND_BACK)
    End If
    Exit Sub
Failed:
    Finish "Send-back folder", Err.Description
End Sub

' RunPython reports success even when no Python was found, so only what Python has written into the sheet counts as success.
Private Sub RunStep(ByVal Title As String, ByVal Command As String, ByVal ReadsReturns As Boolean)
    Dim Password As String
    If Not HasFolder() Then
        Finish Title, "No folder was chosen, so nothing was done."
        Exit Sub
    End If
    If Len(Interpreter()) = 0 Then
        Finish Title, "This workbook does not yet know where Python is. Open a terminal in the round folder and run: cedg excel-setup"
        Exit Sub
    End If
    If ReadsReturns And LCase(Trim(CStr(ControlCell("cedg_ask_password").Value))) = "yes" Then
        Password = AskPassword(Title)
        If Len(Password) = 0 Then
            Finish Title, "No password was given, so nothing was done. If none is needed, set Ask for a password to No."
            Exit Sub
        End If
    End If
    Finish Title, WORKING
    ShowAllFindings
    GivePassword Password
    RunPython Command
    If CStr(ControlCell("cedg_outcome").Value) <> WORKING Then
        Finish Title, ""
    ElseIf PythonHasEnded() Then
        Finish Title, "Python did not answer, so it is not known whether anything was done. Run cedg excel-setup in the round folder " & _
            "and try again; if that does not help, use the command in a terminal."
    End If
End Sub

' Writes into the sheet what was run, with what result and when. Without a sentence, the one in the sheet stays.
Private Sub Finish(ByVal Title As String, ByVal Sentence As String)
    On Error GoTo Failed
    ForgetPassword
    If Len(Sentence) > 0 Then
        ControlCell("cedg_outcome").Value = Sentence
        ControlCell("cedg_errors").Value = ""
        ControlCell("cedg_warnings").Value = ""
        ControlCell("cedg_open").Value = ""
    End If
    ControlCell("cedg_step").Value = Title
    ControlCell("cedg_when").Value = Now
    Exit Sub
Failed:
    Say Title & ": " & Sentence & " (The Control sheet could not be written: " & Err.Description & ")"
End Sub

' A blank cell means the folder that this workbook is in; where that is a web address, the user is asked for the folder on this computer.
Private Function HasFolder() As Boolean
    Dim Chosen As String
    If Len(RoundFolder()) = 0 Then
        Chosen = AskFolder("")
        If Len(Chosen) > 0 Then ControlCell("cedg_folder").Value = Chosen
    End If
    HasFolder = Len(RoundFolder()) > 0
End Function

Private Function RoundFolder() As String
    RoundFolder = Trim(CStr(ControlCell("cedg_folder").Value))
    If Len(RoundFolder) = 0 And InStr(OwnFolder(), "://") = 0 Then RoundFolder = OwnFolder()
End Function

Private Function InRound(ByVal Name As String) As String
    InRound = RoundFolder() & Application.PathSeparator & Name
End Function

Private Function Interpreter() As String
    Dim Settings As Object
    Set Settings = ThisWorkbook.Worksheets("xlwings.conf")
    If OnMac() Then
        Interpreter = Trim(CStr(Settings.Range("cedg_python_mac").Value))
    Else
        Interpreter = Trim(CStr(Settings.Range("cedg_python_windows").Value))
    End If
End Function

Private Function ControlCell(ByVal Name As String) As Object
    Set ControlCell = ThisWorkbook.Worksheets("Control").Range(Name)
End Function
